import type { ReactNode } from 'react';

import type { RoundView } from '#protocol';

import { StatePill } from '../controls/state-pill.js';
import { clock, count, duration, percent } from '../figures.js';
import { elapsed, foundAccuracy, isNeeded, whatFollows } from '../rounds/round-story.js';
import { useRoundsOfPage } from '../rounds/rounds-provider.js';
import { refused } from '../rounds/rounds-state.js';
import { useNow } from '../use-now.js';

/** A column of the list of rounds. */
export interface RoundColumn {
  readonly id: string;
  readonly name: string;
  readonly kind: 'text' | 'number';
  /** left out where there is no room */
  readonly isWide: boolean;
  readonly width: { readonly width?: `${number}fr` | number; readonly minWidth?: number };
  /** null where there is nothing to show */
  readonly show: (round: RoundView) => ReactNode;
}

export const COLUMNS: readonly RoundColumn[] = [
  column('round', 'Round', ({ sequence }) => count(sequence), { kind: 'number', width: 72 }),
  column('state', 'State', (round) => <StatePill state={round.state} isNeeded={isNeeded(round)} />, { width: 124 }),
  column('issued', 'Issued', ({ issued }) => issued && count(issued), { kind: 'number', isWide: true }),
  column('accepted', 'Accepted', accepted, { kind: 'number', isWide: true, width: 132 }),
  column('refused', 'Refused', (round) => (round.state === 'scheduled' ? null : count(refused(round))), {
    kind: 'number',
    isWide: true,
  }),
  column('accuracy', 'Accuracy', accuracy, { kind: 'number' }),
  column('duration', 'Duration', took, { kind: 'number', isWide: true }),
  column('outcome', 'Outcome', outcome, { isWide: true, width: '3fr' }),
];

function column(
  id: string,
  name: string,
  show: RoundColumn['show'],
  {
    kind = 'text',
    isWide = false,
    width = '1fr',
  }: { kind?: RoundColumn['kind']; isWide?: boolean; width?: `${number}fr` | number } = {},
): RoundColumn {
  return { id, name, kind, isWide, width: { width, minWidth: 60 }, show };
}

function accepted({ state, accepted, target }: RoundView): ReactNode {
  if (state === 'scheduled') return null;
  return (
    <>
      {count(accepted)} <span className="muted">/ {count(target)}</span>
    </>
  );
}

function accuracy(round: RoundView): ReactNode {
  const found = foundAccuracy(round);
  return found === null ? null : percent(found);
}

function took(round: RoundView): ReactNode {
  return round.openedAt === null ? null : <Took round={round} />;
}

/** By itself, so that a second of an open round redraws one cell. */
function Took({ round }: { round: RoundView }) {
  const { skewMs } = useRoundsOfPage().state;
  const ms = elapsed(round, useNow(round.state === 'open') + skewMs);
  return ms === null ? <span className="muted">–</span> : duration(ms);
}

function outcome(round: RoundView): ReactNode {
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
      return modelOut && <span className="muted">Model {modelOut.slice(0, 12)}</span>;
  }
}
