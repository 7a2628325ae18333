import type { RoundView } from '#protocol';

import { renderFacts } from './table.js';

/**
 * Rounds that were just started, as people know them, and how to follow them; their ids are for `--json`.
 *
 * @param rounds  of one use case, in order, at least one
 * @param warnings  the coordinator's, in sentences
 */
export function describeStarted(rounds: readonly RoundView[], warnings: readonly string[]): string {
  const [first, last] = [rounds[0]!, rounds.at(-1)!];
  const { useCase, sequence, evaluates, epoch, slot, waitsFor } = first;
  const which = rounds.length === 1 ? `round ${sequence}` : `rounds ${sequence} to ${last.sequence}`;
  const facts = renderFacts([
    ['started', `${which} of ${useCase}`],
    ...(evaluates === null ? [] : [['measures', `${useCase}@${evaluates} on devices`] as const]),
    ['epoch, slot', epoch === null || slot === null ? 'taken when it is its turn' : `${epoch}, ${slot}`],
    ...(waitsFor === null ? [] : [['now', waitsFor] as const]),
    ['watch', `npx starling round watch ${useCase}`],
  ]);
  return [...warnings, facts].join('\n');
}
