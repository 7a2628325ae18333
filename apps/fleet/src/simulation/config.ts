import { z } from 'zod';

import { Deployment } from './processes/researcher-api.js';

/** What the variable STARLING_SIMULATION says, as one JSON object. */
export const SimulationConfig = z.strictObject({
  /** what the scenario's file holds */
  scenario: z.unknown(),
  cacheDirectory: z.string().min(1),
  /** where runs through processes go */
  deployment: Deployment.optional(),
  /** where metrics.json and metrics.csv go */
  out: z.string().min(1).optional(),
  /** file of the page with plots */
  report: z.string().min(1).optional(),
});
export type SimulationConfig = z.infer<typeof SimulationConfig>;
