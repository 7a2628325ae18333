import type { RoundView } from '#protocol';

import { count, plural } from '../figures.js';

/** Why a round came to nothing, and what to do about it. */
export interface Verdict {
  readonly why: string;
  readonly next: readonly string[];
}

/** Of an abandoned round. */
export function whatNext({ reason, detail, accepted, min, issued, refusals }: RoundView): Verdict {
  const why = detail ?? 'No reason was given.';
  switch (reason) {
    case 'too_few':
      return { why, next: tooFew({ accepted, min, issued, refusals }) };
    case 'aborted':
      return { why, next: ['Somebody wished it so. Retry starts another round in its place, with the same plan.'] };
    case 'plan_done':
      return {
        why,
        next: ['Nothing: the rounds before it came to what the plan was for. Start new rounds to train on.'],
      };
    default:
      return {
        why,
        next: [
          'Look at Operations whether the worker is ready, and at its log around the time when the round was frozen.',
          'Retry once what broke is mended: devices send new updates, with other tokens.',
        ],
      };
  }
}

function tooFew({
  accepted,
  min,
  issued,
  refusals,
}: Pick<RoundView, 'accepted' | 'min' | 'issued' | 'refusals'>): string[] {
  const refused = Object.values(refusals).reduce((sum, n) => sum + n, 0);
  const missing = Math.max(0, min - accepted);
  const advice = [`It had ${plural(accepted, 'update')} and needed ${count(min)}: ${count(missing)} more.`];
  if (refused >= missing && refused > 0)
    advice.push(`${plural(refused, 'update')} were refused: look at the reasons below first.`);
  if (issued !== null && issued < 2 * min)
    advice.push(
      `Only ${plural(issued, 'device')} had a token: let more devices enrol, or start rounds with a lower minimum.`,
    );
  advice.push('Give the next round a longer deadline if devices are asleep or train slowly, then retry.');
  return advice;
}
