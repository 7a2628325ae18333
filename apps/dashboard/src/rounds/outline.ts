import type { RoundView } from '#protocol';

/** What changes while a round goes on: counts, and the sentences that have some. */
const LIVE = ['submitted', 'accepted', 'refusals', 'detail', 'waitsFor', 'waitsUntil'] as const;

/** The rest of a round, which changes when it goes a step further or is measured. Lists are made of these. */
export type RoundOutline = Omit<RoundView, (typeof LIVE)[number]>;

const outlineOf = (round: RoundView): RoundOutline => without(round, LIVE);

/** All but some of its fields. */
export function without<T extends object, K extends keyof T>(whole: T, names: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name as K))) as Omit<T, K>;
}

/** With other rounds, or others in their places; newest first. The same list where nothing is new. */
export function withOutlines(newestFirst: readonly RoundOutline[], rounds: readonly RoundView[]) {
  const known = new Map(newestFirst.map((outline) => [outline.id, outline]));
  const changed = rounds.map(outlineOf).filter((outline) => !isSame(known.get(outline.id), outline));
  if (changed.length === 0) return newestFirst;
  for (const outline of changed) known.set(outline.id, outline);
  return [...known.values()].sort((a, b) => b.sequence - a.sequence);
}

/** Of plain values in one order, as the coordinator answers them. */
export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
