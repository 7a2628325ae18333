import type { RoundView } from '#protocol';

import { count, day, duration, percent, plural } from '../figures.js';
import type { RoundOutline } from './outline.js';

/** The round people ask about: the one under way, else the next, else the last; not one that a plan had no need for. */
export function liveRound(newestFirst: readonly RoundOutline[]): RoundOutline | undefined {
  const next = newestFirst.findLast(({ state }) => state === 'scheduled');
  return (
    newestFirst.find(({ state }) => state === 'open' || state === 'frozen') ??
    next ??
    newestFirst.find(isNeeded) ??
    newestFirst[0]
  );
}

/** Whether its plan came to it, or may: the others have nothing to say that the last one has not. */
export const isNeeded = ({ reason }: RoundOutline): boolean => reason !== 'plan_done';

/** The last round that ended before this one. */
export function endedBefore(
  newestFirst: readonly RoundOutline[],
  { sequence }: RoundOutline,
): RoundOutline | undefined {
  return newestFirst.find(
    (one) => one.sequence < sequence && (one.state === 'published' || one.state === 'abandoned') && isNeeded(one),
  );
}

/** Of its model; as devices found it, where that is what the round was for. */
export const foundAccuracy = ({ evaluates, accuracy, onDevices }: RoundOutline): number | null =>
  evaluates === null ? accuracy : (onDevices?.accuracy ?? null);

export const whatFollows = ({ evaluates }: RoundOutline): string =>
  evaluates === null ? 'The new model follows' : 'The figures follow';

/** Where a round stands, in a sentence without its countdown. */
export function headline(view: RoundView): string {
  const { sequence, state, reason, accepted, target, evaluates } = view;
  const accuracy = foundAccuracy(view);
  const round = `Round ${count(sequence)}`;
  switch (state) {
    case 'scheduled':
      return `${round} is waiting to open`;
    case 'open':
      return accepted >= target
        ? `${round} has all of its ${plural(target, 'update')}`
        : `${round} is open: ${count(accepted)} of ${plural(target, 'update')} in`;
    case 'frozen':
      return `${round} is closed with ${plural(accepted, 'update')}: adding them up`;
    case 'published':
      if (accuracy === null) return `${round} is published`;
      return evaluates === null
        ? `${round} is published: ${percent(accuracy)} accuracy`
        : `${round} is published: version ${count(evaluates)} has ${percent(accuracy)} accuracy on devices`;
    case 'abandoned':
      return reason === 'plan_done' ? `${round} was not needed` : `${round} was abandoned`;
  }
}

/** How the sentence goes on while a round is open; `now` is the coordinator's clock, unix ms. */
export function countdown({ state, accepted, target, closesAt }: RoundView, now: number): string | null {
  if (state !== 'open' || closesAt === null) return null;
  const left = Date.parse(closesAt) - now;
  if (left <= 0) return 'its time is up, closing';
  if (accepted >= target) return `closes soon, in ${duration(left)} at the latest`;
  return `closes in ${duration(left)} at the latest`;
}

/** What to add below the headline: what is awaited, or why it failed. */
export function footnote(round: RoundView): string {
  const { state, detail, accepted, min, waitsFor, waitsUntil, evaluates } = round;
  switch (state) {
    case 'scheduled':
      return `${waitsFor ?? 'It opens once enough tokens have been issued.'}${until(waitsUntil)}`;
    case 'open':
      return accepted < min
        ? `With fewer than ${plural(min, 'update')} by then it is abandoned.`
        : `It has the ${plural(min, 'update')} it needs.`;
    case 'frozen':
      return `No update is taken any more. ${waitsFor ?? `${whatFollows(round)}.`}${until(waitsUntil)}`;
    case 'published':
      if (evaluates !== null) return 'No other round is scheduled. It measured a model, and made none.';
      return 'No other round is scheduled. The next one starts from this model.';
    case 'abandoned':
      return detail ?? 'No reason was given.';
  }
}

const until = (waitsUntil: string | null): string =>
  waitsUntil === null ? '' : ` It is abandoned if that has not come by ${day(Date.parse(waitsUntil))}.`;

/** The headline for ears: changes with the state and each quarter of the target, not with every update. */
export function announcement(round: RoundView): string {
  if (round.state !== 'open') return headline(round);
  const quarter = Math.floor((4 * round.accepted) / round.target);
  const part = ['less than a quarter', 'a quarter', 'half', 'three quarters'][quarter];
  return part ? `Round ${round.sequence} is open: ${part} of ${plural(round.target, 'update')} in` : headline(round);
}

/** How long a round took, or has been open, ms; null where that is unknown. */
export function elapsed(
  { state, reason, openedAt, closesAt, frozenAt, publishedAt }: RoundOutline,
  now: number,
): number | null {
  if (openedAt === null) return null;
  const ended = publishedAt ?? frozenAt ?? (reason === 'too_few' ? closesAt : null);
  if (ended !== null) return Date.parse(ended) - Date.parse(openedAt);
  return state === 'open' ? now - Date.parse(openedAt) : null;
}
