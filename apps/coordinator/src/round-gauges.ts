import type { Registry } from 'prom-client';

import { OTHER, publishRows, type RowMetric } from '#edge';
import type { RoundTotals, UseCaseFigures, UseCaseStand } from '#storage/rounds';

const labelOf = ({ useCase }: RoundTotals): string => useCase ?? OTHER;

const TOTALS: readonly RowMetric<RoundTotals>[] = [
  {
    name: 'starling_rounds',
    help: 'Rounds, by state',
    kind: 'now',
    labels: ['use_case', 'state'],
    values: (row) => [[{ use_case: labelOf(row), state: row.state }, row.rounds]],
  },
  {
    name: 'starling_round_seconds_total',
    help: 'Seconds that published rounds took in all, by phase',
    kind: 'total',
    labels: ['use_case', 'phase'],
    values: (row) =>
      row.state === 'published'
        ? Object.entries(row.seconds).map(([phase, n]) => [{ use_case: labelOf(row), phase }, Math.max(0, n)] as const)
        : [],
  },
];

const stand = (name: string, help: string, field: Exclude<keyof UseCaseStand, 'useCase'>): RowMetric<UseCaseStand> => ({
  ...{ name, help, kind: 'now', labels: ['use_case'] },
  values: (row) => [[{ use_case: row.useCase }, row[field]]],
});

/** Of each of the newest use cases; the others have none. */
const STANDS = [
  stand('starling_anonymity_set', 'Devices with a token for the slot that a round took last', 'anonymitySet'),
  stand('starling_cohort', 'Updates that count in the round closed last', 'cohort'),
  stand('starling_privacy_epsilon', 'ε of all that was released so far', 'epsilon'),
  stand('starling_privacy_epsilon_budget', 'ε that no round may bring it past', 'epsilonMax'),
  stand('starling_model_version', 'The newest model version', 'version'),
  stand('starling_model_accuracy', 'Accuracy of the newest version that was measured', 'accuracy'),
];

/** Rounds by state, time by phase, and where the newest use cases stand, as the rows say at each scrape. */
export function publishRounds(metrics: Registry, figures: UseCaseFigures): void {
  publishRows(metrics, () => figures.totals(), TOTALS);
  publishRows(metrics, () => figures.stands(), STANDS);
}
