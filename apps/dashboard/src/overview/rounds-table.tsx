import { useState } from 'react';

import type { RoundView } from '#protocol';

import { count, plural } from '../figures.js';
import { RoundRow } from './round-row.js';
import { isNeeded } from '../rounds/round-story.js';
import { useNow } from '../use-now.js';

const FIRST_ROWS = 20;
const MORE_ROWS = 100;

interface Props {
  readonly newestFirst: readonly RoundView[];
  readonly skewMs: number;
}

/**
 * Every round, newest first. Of the scheduled ones only the next has something to say, and of those that a plan had no
 * need for only the first: the rest share a line.
 */
export function RoundsTable({ newestFirst, skewMs }: Props) {
  const [rows, setRows] = useState(FIRST_ROWS);
  const scheduled = newestFirst.filter(({ state }) => state === 'scheduled');
  const later = scheduled.slice(0, -1);
  const unneeded = newestFirst.filter((round) => !isNeeded(round));
  const first = unneeded.filter(({ plan }, i) => plan !== unneeded[i + 1]?.plan);
  const listed = newestFirst.filter((round) => !later.includes(round) && (isNeeded(round) || first.includes(round)));
  const hidden = listed.length - rows;
  const now = useNow(listed.some(({ state }) => state === 'open')) + skewMs;
  return (
    <section className="card rounds" aria-labelledby="rounds">
      <header className="card-header">
        <h2 id="rounds">Rounds</h2>
        <p className="muted">{laterRounds(later) ?? `${plural(listed.length, 'round')}, newest first`}</p>
      </header>
      <table className="rounds-table" role="table" aria-labelledby="rounds">
        <Head />
        <tbody role="rowgroup">
          {listed.slice(0, rows).map((round) => (
            <RoundRow key={round.id} round={round} now={round.state === 'open' ? now : 0} />
          ))}
        </tbody>
      </table>
      {hidden > 0 && (
        <button type="button" className="button show-more" onClick={() => setRows(rows + MORE_ROWS)}>
          Show {count(Math.min(hidden, MORE_ROWS))} more <span className="muted">of {count(hidden)} older</span>
        </button>
      )}
    </section>
  );
}

function Head() {
  const numbers = ['Issued', 'Accepted / target', 'Refused', 'Accuracy', 'Duration'];
  return (
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">
          Round
        </th>
        <th role="columnheader" scope="col">
          State
        </th>
        {numbers.map((name) => (
          <th key={name} role="columnheader" scope="col" className="number">
            {name}
          </th>
        ))}
        <th role="columnheader" scope="col">
          Outcome
        </th>
      </tr>
    </thead>
  );
}

function laterRounds(newestFirst: readonly RoundView[]): string | null {
  const last = newestFirst[0];
  const first = newestFirst.at(-1);
  if (!first || !last) return null;
  if (first === last) return `Round ${count(first.sequence)} is scheduled after these`;
  return `Rounds ${count(first.sequence)} to ${count(last.sequence)} are scheduled after these`;
}
