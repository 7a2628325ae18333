import { z } from 'zod';

import { MOST_OF_ENCODING } from './encoding.js';
import { ProtocolError } from './errors.js';

/** A clip is whole millionths, as manifests and records say it: all check against the very same bound. */
const Clip = z
  .number()
  .min(1e-6)
  .max(1e6)
  .overwrite((clip) => Math.round(clip * 1e6) / 1e6);

/** How the clip of a private task follows what its updates need, from round to round. What is left out is settled for it. */
export const ClippingPlan = z.strictObject({
  /** γ: the wished share of updates that need no clipping */
  targetUnclipped: z.number().gt(0).lt(1).default(0.5),
  /** η_C: C is multiplied by exp(−η_C·(share − γ)) */
  learningRate: z.number().gt(0).max(2).default(0.2),
  /** σ_b: deviation of the noise on how many updates were within the clip */
  countNoise: z.number().min(1).max(1_000_000).optional(),
  minClip: Clip.optional(),
  maxClip: Clip.optional(),
});
export const ClippingWish = z.union([z.literal('adaptive'), ClippingPlan]);
export type ClippingWish = z.infer<typeof ClippingWish>;

/** The same with nothing left out, as a manifest says it. */
export const ClippingTerms = ClippingPlan.required();
export type ClippingTerms = z.infer<typeof ClippingTerms>;

/** What a task says besides. */
export interface ClippingScene {
  /** of the first round */
  readonly clip: number;
  readonly scale: number;
  readonly encoding: number;
  /** fewest updates of a round */
  readonly updates: number;
  readonly noiseMultiplier: number;
}

/** A header's weight level in a task with adaptive clipping is the bit: whether the update was within the clip. Both weigh 1. */
export const BIT_LEVELS: readonly number[] = [1, 1];
/** The level that says that it was. */
export const WITHIN_CLIP = 1;

/** @throws ProtocolError `bad_strategy` for what cannot work, in a sentence */
export function settleClipping(wish: ClippingWish, scene: ClippingScene): ClippingTerms {
  const { clip, scale, encoding, updates, noiseMultiplier } = scene;
  const plan = wish === 'adaptive' ? ClippingPlan.parse({}) : wish;
  const most = MOST_OF_ENCODING[encoding]!;
  const {
    countNoise = Math.max(1, noiseMultiplier, updates / 20),
    minClip = micros(Math.min(clip, Math.max(clip / 100, 1 / scale))),
    maxClip = Math.max(clip, Math.min(micros(100 * clip), largestClip(most, scale), 1e6)),
  } = plan;
  const rules: readonly (readonly [boolean, string])[] = [
    [minClip <= clip && clip <= maxClip, `The first clip, ${clip}, must lie between minClip and maxClip.`],
    [maxClip * scale <= most || maxClip === clip, `maxClip must be at most ${largestClip(most, scale)} on this grid.`],
    [
      countNoise >= noiseMultiplier,
      `countNoise must be at least the noise multiplier, ${noiseMultiplier}: with less, the share of updates within the clip would give away more than a quarter of it all.`,
    ],
  ];
  for (const [holds, sentence] of rules) if (!holds) throw new ProtocolError('bad_strategy', sentence);
  return { ...plan, countNoise, minClip, maxClip };
}

const micros = (clip: number): number => Math.max(1, Math.round(clip * 1e6)) / 1e6;

/** The largest whole millionths whose product with the scale is no more than an encoding holds. */
function largestClip(most: number, scale: number): number {
  const clip = Math.floor((most / scale) * 1e6);
  return (clip / 1e6) * scale <= most ? clip / 1e6 : (clip - 1) / 1e6;
}

/** Of a manifest. */
interface ClipFields {
  readonly strategy: string;
  readonly clipMicros: number;
}

/** Of a round record. */
interface RecordedClip {
  readonly clipMicros?: number | undefined;
}

/** The adaptive clipping that a manifest promises. @throws ProtocolError `malformed_message` for one that it cannot */
export function clippingOf({ strategy }: Pick<ClipFields, 'strategy'>): ClippingTerms | undefined {
  const { privacy } = (parse(strategy) ?? {}) as { readonly privacy?: { readonly clipping?: unknown } | null };
  if (privacy?.clipping === undefined) return undefined;
  const terms = ClippingTerms.safeParse(privacy.clipping);
  if (!terms.success) throw new ProtocolError('malformed_message', 'a manifest needs clipping terms that can be read');
  return terms.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What updates of a round are clipped to: the record says it where clipping is adaptive, else the manifest. */
export const clipOf = ({ clipMicros }: RecordedClip, manifest: Pick<ClipFields, 'clipMicros'>): number =>
  (clipMicros ?? manifest.clipMicros) / 1e6;

/** Whether a record names a clip if, and only if, the manifest says that it does, and one within the bounds. */
export function hasPromisedClip({ clipMicros }: RecordedClip, manifest: ClipFields): boolean {
  const terms = clippingOf(manifest);
  if (terms === undefined) return clipMicros === undefined;
  return clipMicros !== undefined && clipMicros / 1e6 >= terms.minClip && clipMicros / 1e6 <= terms.maxClip;
}
