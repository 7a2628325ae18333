import { cheapestAssignment } from './assignment.js';
import type { Seen, SimulatedRound, SimulatedServers } from './simulated-servers.js';

/**
 * What somebody who reads the clocks of issuer and intake can make of one round: which device submitted at
 * which time. It knows the protocol, its parameters and who got a token for the slot, and picks the most
 * likely assignment as a whole.
 */
export type Attack = (devices: readonly number[], submissions: readonly number[]) => Float64Array;

/** Spent a fixed time after it was fetched: |Δ − expected|, and never before. */
export const soonAfter =
  (expectedMs: number): Attack =>
  (devices, submissions) =>
    costs(submissions, devices, (submitted, fetched) =>
      submitted < fetched ? 1e9 + fetched - submitted : Math.abs(submitted - fetched - expectedMs),
    );

/** First come, first served: whoever fetched early submits early. */
export const inOrder: Attack = (devices, submissions) => {
  const [first, second] = [ranks(devices), ranks(submissions)];
  return costs(second, first, (a, b) => (a - b) ** 2);
};

/** A steady beat since it was first seen: the distance to the nearest multiple of the interval. */
export const inStep =
  (intervalMs: number): Attack =>
  (devices, submissions) =>
    costs(submissions, devices, (submitted, seen) => {
      const phase = (((submitted - seen) % intervalMs) + intervalMs) % intervalMs;
      return Math.min(phase, intervalMs - phase);
    });

/** Share of a round's submissions that an attack gives to the right device. */
export function linked(
  servers: SimulatedServers,
  { epoch, slot }: Pick<SimulatedRound, 'epoch' | 'slot'>,
  { attack, by }: { readonly attack: Attack; readonly by: 'issuances' | 'enrolments' },
): { readonly share: number; readonly candidates: number } {
  const isThis = (token: { epoch: number; slot: number }): boolean => token.epoch === epoch && token.slot === slot;
  const issued = servers.issuances.filter(isThis);
  const holders = new Set(issued.map(({ device }) => device));
  const seen: Seen[] = by === 'issuances' ? issued : servers.enrolments.filter(({ device }) => holders.has(device));
  const submissions = servers.redemptions.filter(isThis);
  const times = (events: readonly Seen[]): number[] => events.map(({ at }) => at);
  const guess = cheapestAssignment(attack(times(seen), times(submissions)), submissions.length, seen.length);
  const right = submissions.filter(({ device }, i) => seen[guess[i]!]!.device === device).length;
  return { share: right / submissions.length, candidates: seen.length };
}

function costs(
  rows: readonly number[],
  columns: readonly number[],
  cost: (row: number, column: number) => number,
): Float64Array {
  const table = new Float64Array(rows.length * columns.length);
  rows.forEach((row, i) => columns.forEach((column, j) => (table[i * columns.length + j] = cost(row, column))));
  return table;
}

/** Place of each value among all, from 0 to 1. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((value, i) => [value, i] as const).sort(([a], [b]) => a - b);
  const result = new Array<number>(values.length);
  order.forEach(([, i], rank) => (result[i] = rank / values.length));
  return result;
}
