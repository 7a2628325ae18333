import { z } from 'zod';

import { STRATEGY_MODULES } from '#strategies';

/** The worker's environment. No key is among it. */
export const WorkerConfig = z.object({
  DATABASE_URL: z.string().min(1),
  BODIES_DIRECTORY: z.string().min(1),
  MODELS_DIRECTORY: z.string().min(1),
  /** files of strategies of one's own, separated by commas; the coordinator's are the same */
  STRATEGY_MODULES,
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4003),
  /** threads that sum updates; 0: one a core */
  FOLD_THREADS: z.coerce.number().int().min(0).max(256).default(0),
});
export type WorkerConfig = z.infer<typeof WorkerConfig>;
