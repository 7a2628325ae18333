import { memo, type ReactNode } from 'react';

import type { RoundState, RoundView } from '#protocol';

import { clock, count, duration, percent } from '../figures.js';
import { elapsed, foundAccuracy, isNeeded, whatFollows } from '../rounds/round-story.js';
import { refused } from '../rounds/rounds-state.js';

const STATES: Record<RoundState, string> = {
  scheduled: 'Scheduled',
  open: 'Open',
  frozen: 'Adding up',
  published: 'Published',
  abandoned: 'Abandoned',
};

interface Props {
  readonly round: RoundView;
  /** coordinator's clock, unix ms; matters to open rounds only */
  readonly now: number;
}

/** The roles are what a table has by itself; on narrow screens the style sheet lays rows out as cards, which drops them. */
export const RoundRow = memo(function RoundRow({ round, now }: Props) {
  const { sequence, state, issued, accepted, target } = round;
  const accuracy = foundAccuracy(round);
  const took = elapsed(round, now);
  return (
    <tr role="row" data-state={state}>
      <th role="rowheader" scope="row" className="round-sequence">
        <span className="narrow-only">Round </span>
        {count(sequence)}
      </th>
      <td role="cell" className="round-state">
        <span className="pill" data-state={state}>
          {isNeeded(round) ? STATES[state] : 'Not needed'}
        </span>
      </td>
      <Figure label="Issued">{issued !== null && count(issued)}</Figure>
      <Figure label="Accepted">
        {state === 'scheduled' ? <span className="muted">–</span> : count(accepted)}{' '}
        <span className="muted">/ {count(target)}</span>
      </Figure>
      <Figure label="Refused">{state !== 'scheduled' && count(refused(round))}</Figure>
      <Figure label="Accuracy">{accuracy !== null && percent(accuracy)}</Figure>
      <Figure label="Duration">{took !== null && duration(took)}</Figure>
      <td role="cell" className="round-outcome" data-state={state}>
        <Outcome round={round} />
      </td>
    </tr>
  );
});

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <td role="cell" className="number" data-label={label}>
      {children === false ? <span className="muted">–</span> : children}
    </td>
  );
}

function Outcome({ round }: { round: RoundView }) {
  const { state, detail, waitsFor, closesAt, modelOut, evaluates } = round;
  switch (state) {
    case 'scheduled':
      return waitsFor ?? 'Waits for tokens';
    case 'open':
      return closesAt && `Closes at ${clock(Date.parse(closesAt))} at the latest`;
    case 'frozen':
      return waitsFor ?? whatFollows(round);
    case 'abandoned':
      return detail ?? 'No reason was given';
    case 'published':
      if (evaluates !== null) return <span className="muted">Version {count(evaluates)} on devices</span>;
      return (
        modelOut && (
          <span className="muted">
            Model <code title={modelOut}>{modelOut.slice(0, 12)}</code>
          </span>
        )
      );
  }
}
