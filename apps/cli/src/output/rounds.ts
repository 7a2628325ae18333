import type { RoundView } from '#protocol';

import { onDevicesFacts, percent, secondsOf, totalRefused } from './figures.js';
import { renderFacts, renderTable } from './table.js';

const dash = (value: string | number | null | undefined): string | number => value ?? '–';
const seconds = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(1));

/** @param now  unix ms */
export function renderRoundList(rounds: readonly RoundView[], now: number): string {
  return renderTable(
    [
      { title: 'USE CASE', value: ({ useCase }) => useCase },
      { title: 'ROUND', value: ({ sequence }) => sequence, right: true },
      { title: 'STATE', value: ({ state, reason }) => (reason === null ? state : `${state}: ${reason}`) },
      { title: 'ISSUED', value: ({ issued }) => dash(issued), right: true },
      { title: 'ACCEPTED', value: ({ accepted }) => accepted, right: true },
      { title: 'TARGET', value: ({ target }) => target, right: true },
      { title: 'REFUSED', value: totalRefused, right: true },
      { title: 'ACCURACY', value: ({ accuracy }) => percent(accuracy), right: true },
      { title: 'ON DEVICES', value: ({ onDevices }) => percent(onDevices?.accuracy ?? null), right: true },
      { title: 'SECONDS', value: (round) => seconds(secondsOf(round, now)), right: true },
      { title: 'ID', value: ({ id }) => id },
    ],
    rounds,
  );
}

const describeNoise = ({ noise, separation }: RoundView): string =>
  noise === 'tree' || noise === 'banded'
    ? `${noise === 'tree' ? "a tree's" : 'banded'}; a device takes part every ${separation} slots at most`
    : 'of its own';

/** All there is to know of one round, a line each. @param now  unix ms */
export function describeRound(round: RoundView, now: number): string {
  const { refusals, reason, detail, waitsFor, waitsUntil } = round;
  const refused = Object.entries(refusals).map(([code, n]) => `${code} ${n}`);
  return renderFacts([
    ['round', `${round.sequence} of ${round.useCase}`],
    ['id', round.id],
    ['state', reason === null ? round.state : `${round.state}: ${reason}`],
    ...(reason === null || detail === null ? [] : [['because', detail] as const]),
    ...(waitsFor === null ? [] : [['now', waitsFor] as const]),
    ...(waitsUntil === null ? [] : [['until', waitsUntil] as const]),
    ...(round.retryOf === null ? [] : [['in place of', round.retryOf] as const]),
    ['epoch, slot', `${dash(round.epoch)}, ${dash(round.slot)}`],
    ['tokens issued', dash(round.issued)],
    ['submitted', round.submitted],
    ['accepted', `${round.accepted} (from ${round.min}, closes at ${round.target})`],
    ['refused', refused.join(', ') || 'none'],
    ...(round.evaluates === null ? [] : [['measures', `version ${round.evaluates}`] as const]),
    ['accuracy', percent(round.accuracy)],
    ['loss', dash(round.loss?.toFixed(4))],
    ...onDevicesFacts(round.onDevices),
    ...(round.epsilon === null ? [] : [['ε of all rounds so far', round.epsilon.toFixed(3)] as const]),
    ...(round.clip === null ? [] : [['clip', round.clip] as const]),
    ...(round.unclipped === null ? [] : [['within the clip', `${percent(round.unclipped)}, with noise`] as const]),
    ...(round.noise === null ? [] : [['noise', describeNoise(round)] as const]),
    ['opened', dash(round.openedAt)],
    ['closes', dash(round.closesAt)],
    ['published', dash(round.publishedAt)],
    ['seconds', seconds(secondsOf(round, now))],
    ...(round.baseVersion === null || round.evaluates !== null
      ? []
      : [['begins with', `version ${round.baseVersion}`] as const]),
    ['model in', dash(round.modelIn)],
    ['model out', dash(round.modelOut)],
    ['accepted root', dash(round.acceptedRoot)],
  ]);
}
