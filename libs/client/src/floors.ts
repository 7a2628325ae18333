import { epochAt, type Manifest } from '#protocol';

/** What a device asks of any manifest, whoever signed it. */
export interface Floors {
  /** a shorter epoch splits the devices into smaller crowds; default 60 */
  readonly epochSeconds?: number;
  /** W below this is refused, ms; default 0: an app that cares asks for minutes */
  readonly jitterMs?: number;
}

const DEFAULTS = { epochSeconds: 60, jitterMs: 0 } as const satisfies Required<Floors>;
/** How wrong a device's clock may be, ms; never more than half an epoch. */
const CLOCK_TOLERANCE_MS = 300_000;

/** @returns the floor that the manifest is below, or undefined */
export function brokenFloor({ epochSeconds, jitterMs }: Manifest, floors: Floors = {}): string | undefined {
  const least = { ...DEFAULTS, ...floors };
  if (epochSeconds < least.epochSeconds) return `epochs of ${epochSeconds} s are shorter than ${least.epochSeconds} s`;
  if (jitterMs < least.jitterMs) return `it spreads submissions over ${jitterMs} ms, less than ${least.jitterMs} ms`;
  return undefined;
}

/** Whether an epoch that a server names is the one of the manifest's formula, by the device's own clock. */
export function isCurrentEpoch(manifest: Manifest, epoch: number, now: number): boolean {
  const tolerance = Math.min(CLOCK_TOLERANCE_MS, 500 * manifest.epochSeconds);
  return epoch >= epochAt(manifest, now - tolerance) && epoch <= epochAt(manifest, now + tolerance);
}
