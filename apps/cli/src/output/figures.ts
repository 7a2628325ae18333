import type { DeviceFigures, RoundView } from '#protocol';

/** 0.9231 is `92.3 %`. */
export const percent = (share: number | null): string => (share === null ? '–' : `${(100 * share).toFixed(1)} %`);

/** What devices found of a model, a line each. */
export function onDevicesFacts(figures: DeviceFigures | null): (readonly [string, string])[] {
  if (figures === null) return [];
  const { accuracy, loss, devices } = figures;
  return [
    ['accuracy on devices', `${percent(accuracy)} (mean of ${devices})`],
    ['loss on devices', loss.toFixed(4)],
  ];
}

export const totalRefused = ({ refusals }: Pick<RoundView, 'refusals'>): number =>
  Object.values(refusals).reduce((sum, n) => sum + n, 0);

/** From its opening until it was published; until now for a round that is not. @param now unix ms */
export function secondsOf({ openedAt, publishedAt, state }: RoundView, now: number): number | undefined {
  if (openedAt === null || state === 'abandoned') return undefined;
  const end = publishedAt === null ? now : Date.parse(publishedAt);
  return Math.max(0, end - Date.parse(openedAt)) / 1000;
}
