import { z } from 'zod';

const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/$/, ''));

/** What the variable STARLING_FLEET says, as one JSON object. */
export const FleetConfig = z.strictObject({
  issuer: url,
  coordinator: url,
  intake: url,
  /** Ed25519 public key of the deployment, hex */
  deploymentKey: z.string().regex(/^[0-9a-f]{64}$/),
  useCase: z.string().min(1),
  /** one code that counts for all devices, or one a device */
  codes: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  devices: z.int().min(1).max(50_000),
  /** everything simulated follows from it; keys and tokens do not */
  seed: z.int().min(0),
  /** how evenly labels are spread over devices, see `partitionByLabel` */
  alpha: z.number().positive(),
  model: z.enum(['mlp', 'cnn']),
  /** share of each device's examples that it keeps out of training, to measure models on when a round asks for it */
  heldOut: z.number().min(0).max(0.9).default(0.1),
  /** rounds to take part in; also how many tokens each device fetches */
  rounds: z.int().min(1),
  /** the last four devices cheat in every round */
  misbehave: z.boolean().default(false),
  /** where the parsed images are kept */
  cacheDirectory: z.string().min(1),
  training: z
    .strictObject({
      localEpochs: z.int().min(1).default(2),
      batchSize: z.int().min(1).default(16),
      learningRate: z.number().positive().default(0.2),
    })
    .prefault({}),
});
export type FleetConfig = z.output<typeof FleetConfig>;

/** @throws Error that names every bad field */
export function readFleetConfig(env: Readonly<Record<string, string | undefined>>): FleetConfig {
  const result = FleetConfig.safeParse(parseJson(env['STARLING_FLEET'] ?? ''));
  if (!result.success) throw new Error(`STARLING_FLEET is not a fleet:\n${z.prettifyError(result.error)}`);
  return result.data;
}

/** The code device number `index` enrols with. */
export function codeOf({ codes }: Pick<FleetConfig, 'codes'>, index: number): string {
  const code = typeof codes === 'string' ? codes : codes[index];
  if (code === undefined) throw new RangeError(`no enrolment code for device ${index}: there are ${codes.length}`);
  return code;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
