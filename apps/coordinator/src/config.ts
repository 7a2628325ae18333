import { z } from 'zod';

import { AllowedOrigins, TLS_SETTINGS } from '#edge';
import { STRATEGY_MODULES } from '#strategies';

import { ProcessUrls } from './process-urls.js';

/** Plain enough for a content security policy to name its origin. */
const PublicUrl = z
  .string()
  .regex(/^https?:\/\/[\w.:[\]-]+(\/[\w./-]*[\w-])?$/, 'a URL such as https://issuer.example')
  .optional();

/** The coordinator's environment. */
export const CoordinatorConfig = z.object({
  DATABASE_URL: z.string().min(1),
  /** file with the 32-byte seed of the deployment's Ed25519 key, which devices pin */
  SIGNING_KEY_FILE: z.string().min(1),
  /** file with the 32-byte seed of the Ed25519 key that signs the transparency log's tree heads */
  LOG_KEY_FILE: z.string().min(1),
  /** tree heads are dated at multiples of this, the same for everybody; a round opens with the head after its record */
  LOG_INTERVAL_MS: z.coerce.number().int().min(50).max(3_600_000).default(500),
  /** how long after its start it abandons no round, ms: what could move has time to */
  PATIENCE_MS: z.coerce.number().int().min(0).max(3_600_000).default(30_000),
  /** folder of models, topologies and evaluation sets, shared with the worker */
  MODELS_DIRECTORY: z.string().min(1),
  /** files of strategies of one's own, separated by commas; the worker's are the same */
  STRATEGY_MODULES,
  AUDIENCE: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .default('starling.local'),
  /** SHA-256 (hex) of an API key with every scope, so that somebody can begin */
  BOOTSTRAP_KEY_HASH: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** calls with a wrong API key that it takes from one address in a minute */
  WRONG_KEYS_PER_MINUTE: z.coerce.number().int().min(1).default(60),
  /** where people and devices reach it from outside; shown to whoever sets up a device, and by default unknown */
  PUBLIC_COORDINATOR_URL: PublicUrl,
  /** where devices reach the issuer from outside; the page that takes part may talk to it */
  PUBLIC_ISSUER_URL: PublicUrl,
  /** where devices reach intake from outside; the page that takes part may talk to it */
  PUBLIC_INTAKE_URL: PublicUrl,
  /** sign-ins from one address, and to one account, in a minute */
  SIGN_INS_PER_MINUTE: z.coerce.number().int().min(1).default(20),
  /** where people see it, as `https://starling.example`, where a proxy is in front of it */
  PUBLIC_ORIGIN: z
    .string()
    .regex(/^https?:\/\/[a-z0-9.:[\]-]+$/, 'an origin such as https://starling.example')
    .optional(),
  /** origins of pages whose devices may call, separated by commas; by default none */
  ALLOWED_ORIGINS: AllowedOrigins,
  /** the other processes, `issuer=http://127.0.0.1:4001,…`: what /v1/operations asks how they are */
  PROCESS_URLS: ProcessUrls,
  ...TLS_SETTINGS,
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  /** who may listen to /events at a time; HTTP gets as many again */
  MAX_CONNECTIONS: z.coerce.number().int().min(1).default(2048),
});
export type CoordinatorConfig = z.infer<typeof CoordinatorConfig>;
