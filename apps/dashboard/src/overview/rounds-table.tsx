import { useMemo, useState } from 'react';
import {
  Cell,
  Collection,
  Column,
  Row,
  Table,
  TableBody,
  TableHeader,
  TableLayout,
  TableLoadMoreItem,
  Virtualizer,
} from 'react-aria-components';

import { count } from '../figures.js';
import type { RoundOutline } from '../rounds/outline.js';
import { usePage, useRoundsOfPage } from '../rounds/rounds-provider.js';
import { isNeeded } from '../rounds/round-story.js';
import { useMedia } from '../use-media.js';
import { COLUMNS, type RoundColumn } from './round-columns.js';

const ROW = 44;
const MOST_ROWS = 12;

/**
 * Every round, newest first; older ones are asked for as one scrolls to them. Of the scheduled ones only the next has
 * something to say, and of those that a plan had no need for only the first: the rest share a line. React Aria builds
 * the whole list anew when it is drawn, so that what counts is drawn by the cells.
 */
export function RoundsTable() {
  const { loadOlder } = useRoundsOfPage();
  const newestFirst = usePage((page) => page.newestFirst);
  const last = usePage((page) => page.last);
  const isNarrow = useMedia('(max-width: 719px)');
  // The same list each time: rows are built anew for another one, and there may be a thousand.
  const columns = useMemo(() => COLUMNS.filter(({ isWide }) => !isNarrow || !isWide), [isNarrow]);
  const listed = useMemo(() => worthALine(newestFirst), [newestFirst]);
  const later = newestFirst.filter(({ state }) => state === 'scheduled').at(-1);
  const height = Math.min(listed.length, MOST_ROWS) * ROW + ROW + 4;
  return (
    <section className="card rounds" aria-labelledby="rounds">
      <header className="card-header">
        <h2 id="rounds">Rounds</h2>
        <p className="muted">{laterRounds(later, last) ?? `${count(last)} in all, newest first`}</p>
      </header>
      <Virtualizer layout={TableLayout} layoutOptions={{ rowHeight: ROW, headingHeight: ROW }}>
        <Table aria-labelledby="rounds" className="rounds-table" style={{ blockSize: height }}>
          <TableHeader>{columns.map(headingOf)}</TableHeader>
          <TableBody>
            <Collection items={listed} dependencies={[columns]}>
              {(round) => <RoundRow round={round} columns={columns} />}
            </Collection>
            <OlderRounds loadOlder={loadOlder} hasOlder={(newestFirst.at(-1)?.sequence ?? 1) > 1} />
          </TableBody>
        </Table>
      </Virtualizer>
    </section>
  );
}

function headingOf({ id, name, kind, width }: RoundColumn) {
  return (
    <Column key={id} id={id} isRowHeader={id === 'round'} className="rounds-column" data-kind={kind} {...width}>
      {name}
    </Column>
  );
}

function RoundRow({ round, columns }: { round: RoundOutline; columns: readonly RoundColumn[] }) {
  return (
    <Row
      id={round.id}
      href={`/rounds/${round.id}`}
      columns={columns}
      className="rounds-row"
      textValue={`Round ${round.sequence}`}
      dependencies={[round]}
    >
      {({ kind, show }) => (
        <Cell className="rounds-cell" data-kind={kind}>
          {show(round) ?? <span className="muted">–</span>}
        </Cell>
      )}
    </Row>
  );
}

function OlderRounds({ loadOlder, hasOlder }: { loadOlder: () => Promise<boolean>; hasOlder: boolean }) {
  const [isLoading, setLoading] = useState(false);
  if (!hasOlder) return null;
  const load = () => {
    if (isLoading) return;
    setLoading(true);
    loadOlder().then(
      () => setLoading(false),
      // What could not be had is asked for again when somebody scrolls here again.
      () => setLoading(false),
    );
  };
  return (
    <TableLoadMoreItem className="rounds-older" onLoadMore={load} isLoading={isLoading}>
      Asking for older rounds…
    </TableLoadMoreItem>
  );
}

function worthALine(newestFirst: readonly RoundOutline[]): RoundOutline[] {
  const next = newestFirst.findLast(({ state }) => state === 'scheduled');
  const unneeded = newestFirst.filter((round) => !isNeeded(round));
  const first = new Set(unneeded.filter(({ plan }, i) => plan !== unneeded[i + 1]?.plan));
  return newestFirst.filter(
    (round) => (round.state !== 'scheduled' || round === next) && (isNeeded(round) || first.has(round)),
  );
}

function laterRounds(next: RoundOutline | undefined, last: number): string | null {
  if (next === undefined || next.sequence === last) return null;
  const first = next.sequence + 1;
  if (first === last) return `Round ${count(last)} is scheduled after these`;
  return `Rounds ${count(first)} to ${count(last)} are scheduled after these`;
}
