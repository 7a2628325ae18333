import { z } from 'zod';

import { TLS_SETTINGS } from '#edge';

import { ENGINE_CHOICES } from '#engine';
import { MASTER_KEY_SETTINGS } from '#storage/keys';

import { PERMIT_KEY_SETTINGS } from './permit-key.js';

const count = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

/** Intake's environment. */
export const IntakeConfig = z.object({
  DATABASE_URL: z.string().min(1),
  ...MASTER_KEY_SETTINGS,
  ...PERMIT_KEY_SETTINGS,
  /** folder of the body store, shared with the worker */
  BODIES_DIRECTORY: z.string().min(1),
  AUDIENCE: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .default('starling.local'),
  ...TLS_SETTINGS,
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4002),
  /** threads that redeem tokens; 0: one a core */
  CRYPTO_THREADS: z.coerce.number().int().min(0).max(256).default(0),
  /** what computes in them; auto: the system's libsodium where it is there and right, else the one in WebAssembly */
  CREDENTIAL_ENGINE: z.enum(ENGINE_CHOICES).default('auto'),
  /** sockets of both engines together */
  MAX_CONNECTIONS: count(4096),
  /**
   * headers being looked up and redeemed at a time: more than are done before those who were sent away come back, or
   * intake would wait for them; fewer than take longer than a client waits, on a machine a fifth as fast as ours
   */
  MAX_OPENING: count(512),
  /** bodies being uploaded at a time */
  MAX_UPLOADS: count(1024),
  /** bytes of chunks received and not yet written */
  MAX_BYTES_IN_FLIGHT: count(134_217_728),
});
export type IntakeConfig = z.infer<typeof IntakeConfig>;
