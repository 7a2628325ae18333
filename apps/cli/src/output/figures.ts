import type { RoundView } from '#protocol';

/** 0.9231 is `92.3 %`. */
export const percent = (share: number | null): string => (share === null ? '–' : `${(100 * share).toFixed(1)} %`);

export const totalRefused = ({ refusals }: Pick<RoundView, 'refusals'>): number =>
  Object.values(refusals).reduce((sum, n) => sum + n, 0);

/** From its opening until it was published; until now for a round that is not. @param now unix ms */
export function secondsOf({ openedAt, publishedAt, state }: RoundView, now: number): number | undefined {
  if (openedAt === null || state === 'abandoned') return undefined;
  const end = publishedAt === null ? now : Date.parse(publishedAt);
  return Math.max(0, end - Date.parse(openedAt)) / 1000;
}
