import { asciiBytes, ByteWriter } from './bytes.js';

/** The slots that a device gets tokens for: every `separation`-th, from `first` on. */
export interface Lane {
  readonly separation: number;
  readonly first: number;
}

export const EVERY_SLOT: Lane = { separation: 1, first: 0 };

export const isInLane = ({ separation, first }: Lane, slot: number): boolean => slot % separation === first;

/**
 * Slots between two rounds of one device, at least: b of a private task whose noise is a tree's; 1 where none is asked.
 *
 * @param strategy  a manifest's, what `strategyText` wrote
 * @returns 0 for a separation that is none: a manifest breaks its rule with it
 */
export function separationOf({ strategy }: { readonly strategy: string }): number {
  const separation = promisedIn(strategy)?.privacy?.separation ?? 1;
  return typeof separation === 'number' && Number.isSafeInteger(separation) && separation >= 1 ? separation : 0;
}

function promisedIn(strategy: string): { readonly privacy?: { readonly separation?: unknown } } | undefined {
  try {
    return JSON.parse(strategy) as { privacy?: { separation?: unknown } };
  } catch {
    return undefined;
  }
}

/**
 * To be hashed with SHA-256: "starling-lane-v1" ‖ LP(useCase) ‖ LP(device). A device's id is random, given by the
 * issuer and known to nobody else: no device chooses its lane, and each can check it.
 */
export const laneMessage = (useCase: string, deviceId: string): Uint8Array =>
  new ByteWriter().raw(asciiBytes('starling-lane-v1')).text(useCase).text(deviceId).done();

/** The lane of a device, by the digest of its `laneMessage`: the first six bytes modulo b. */
export function laneOf(digest: Uint8Array, separation: number): Lane {
  const draw = digest.subarray(0, 6).reduce((number, byte) => 256 * number + byte, 0);
  return { separation, first: draw % separation };
}
