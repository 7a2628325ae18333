import { z } from 'zod';

import { AllowedOrigins, TLS_SETTINGS } from '#edge';
import { ENGINE_CHOICES } from '#engine';
import { MASTER_KEY_SETTINGS } from '#storage/keys';

/** The issuer's environment. */
export const IssuerConfig = z.object({
  DATABASE_URL: z.string().min(1),
  ...MASTER_KEY_SETTINGS,
  /** name of the deployment: part of everything a device signs */
  AUDIENCE: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .default('starling.local'),
  /** origins of pages whose devices may call, separated by commas; by default none */
  ALLOWED_ORIGINS: AllowedOrigins,
  ...TLS_SETTINGS,
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4001),
  /** requests worked on at a time; more are told to come back */
  MAX_REQUESTS: z.coerce.number().int().min(1).default(128),
  MAX_CONNECTIONS: z.coerce.number().int().min(1).default(4096),
  /** requests for tokens that a device may make in a minute, of each issuer process */
  REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).default(600),
  /** attempts to enrol that each issuer process takes in a minute: with one code, and in all */
  ENROLMENTS_PER_CODE_PER_MINUTE: z.coerce.number().int().min(1).default(3000),
  ENROLMENTS_PER_MINUTE: z.coerce.number().int().min(1).default(6000),
  /** tokens that each issuer process evaluates in a second at most; a use case may have a lower limit of its own */
  TOKENS_PER_SECOND: z.coerce.number().int().min(1).default(5000),
  /** threads that evaluate blinded elements; 0: one a core */
  CRYPTO_THREADS: z.coerce.number().int().min(0).max(256).default(0),
  /** what computes in them; auto: the system's libsodium where it is there and right, else the one in WebAssembly */
  CREDENTIAL_ENGINE: z.enum(ENGINE_CHOICES).default('auto'),
});
export type IssuerConfig = z.infer<typeof IssuerConfig>;
