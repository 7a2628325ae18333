import type { ReactNode } from 'react';

import type { RoundView } from '#protocol';

import { StatePill } from '../controls/state-pill.js';
import { clock, count, duration, percent } from '../figures.js';
import type { RoundOutline } from '../rounds/outline.js';
import { elapsed, foundAccuracy, isNeeded, whatFollows } from '../rounds/round-story.js';
import { usePage } from '../rounds/rounds-provider.js';
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
  /** null where there is nothing to show; what changes with each count is read in the cell */
  readonly show: (round: RoundOutline) => ReactNode;
}

export const COLUMNS: readonly RoundColumn[] = [
  column('round', 'Round', ({ sequence }) => count(sequence), { kind: 'number', width: 72 }),
  column('state', 'State', (round) => <StatePill state={round.state} isNeeded={isNeeded(round)} />, { width: 124 }),
  column('issued', 'Issued', ({ issued }) => issued && count(issued), { kind: 'number', isWide: true }),
  column('accepted', 'Accepted', accepted, { kind: 'number', isWide: true, width: 132 }),
  column('refused', 'Refused', ({ id, state }) => (state === 'scheduled' ? null : <Counted id={id} of={refused} />), {
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

function accepted({ id, state, target }: RoundOutline): ReactNode {
  if (state === 'scheduled') return null;
  return (
    <>
      <Counted id={id} of={(round) => round.accepted} /> <span className="muted">/ {count(target)}</span>
    </>
  );
}

/** By itself, so that a count redraws one cell and not the list. */
function Counted({ id, of }: { id: string; of: (round: RoundView) => number }) {
  const found = useFigure(id, of);
  return found === undefined ? null : count(found);
}

function Said({ id, of, otherwise }: { id: string; of: 'detail' | 'waitsFor'; otherwise: string }) {
  return useFigure(id, (round) => round[of]) ?? otherwise;
}

/** Something of a round that changes while it goes on. */
const useFigure = <T extends string | number | null>(id: string, of: (round: RoundView) => T): T | undefined =>
  usePage(({ rounds }) => {
    const round = rounds.get(id);
    return round && of(round);
  });

function accuracy(round: RoundOutline): ReactNode {
  const found = foundAccuracy(round);
  return found === null ? null : percent(found);
}

function took(round: RoundOutline): ReactNode {
  return round.openedAt === null ? null : <Took round={round} />;
}

/** By itself, so that a second of an open round redraws one cell. */
function Took({ round }: { round: RoundOutline }) {
  const skewMs = usePage((page) => page.skewMs);
  const ms = elapsed(round, useNow(round.state === 'open') + skewMs);
  return ms === null ? <span className="muted">–</span> : duration(ms);
}

function outcome(round: RoundOutline): ReactNode {
  const { id, state, closesAt, modelOut, evaluates } = round;
  switch (state) {
    case 'scheduled':
      return <Said id={id} of="waitsFor" otherwise="Waits for tokens" />;
    case 'open':
      return closesAt && `Closes at ${clock(Date.parse(closesAt))} at the latest`;
    case 'frozen':
      return <Said id={id} of="waitsFor" otherwise={whatFollows(round)} />;
    case 'abandoned':
      return <Said id={id} of="detail" otherwise="No reason was given" />;
    case 'published':
      if (evaluates !== null) return <span className="muted">Version {count(evaluates)} on devices</span>;
      return modelOut && <span className="muted">Model {modelOut.slice(0, 12)}</span>;
  }
}
