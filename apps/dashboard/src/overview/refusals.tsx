import { useMemo } from 'react';

import type { RoundView } from '#protocol';

import type { PastRound } from '../curves/past-rounds.js';
import { count, plural } from '../figures.js';
import { refusalMeaning } from '../rounds/refusal-meanings.js';
import { usePage } from '../rounds/rounds-provider.js';

/** Why updates were refused, over all rounds, the most frequent reason first. */
export function Refusals({ past }: { past: readonly PastRound[] }) {
  const heard = usePage(({ rounds }) => rounds);
  const byCode = useMemo(
    () => totals(past.map((round) => (round.id === null ? round : (heard.get(round.id) ?? round)))),
    [past, heard],
  );
  const all = byCode.reduce((sum, [, n]) => sum + n, 0);
  return (
    <section className="card refusals" aria-labelledby="refusals">
      <header className="card-header">
        <h2 id="refusals">Refusals</h2>
        <p className="muted">{all === 0 ? 'all rounds' : `${count(all)} in ${plural(past.length, 'round')}`}</p>
      </header>
      {all === 0 ? (
        <p className="refusals-none">
          <strong>Nothing refused.</strong> Every update so far came with a genuine token, on time and within its
          bounds.
        </p>
      ) : (
        <RefusalList byCode={byCode} />
      )}
    </section>
  );
}

export function RefusalList({ byCode }: { byCode: readonly (readonly [code: string, n: number])[] }) {
  const most = byCode[0]?.[1] ?? 0;
  return (
    <ul className="refusal-list">
      {byCode.map(([code, n]) => (
        <li key={code} className="refusal">
          <code className="refusal-code">{code}</code>
          <span className="refusal-count">{count(n)}</span>
          <span className="refusal-track" aria-hidden="true">
            <span className="refusal-bar" style={{ inlineSize: `${(n / most) * 100}%` }} />
          </span>
          <span className="refusal-meaning">{refusalMeaning(code)}</span>
        </li>
      ))}
    </ul>
  );
}

/** By code, the most frequent first. */
export function totals(rounds: readonly Pick<RoundView, 'refusals'>[]): [code: string, n: number][] {
  const sums = new Map<string, number>();
  for (const { refusals } of rounds) {
    for (const [code, n] of Object.entries(refusals)) sums.set(code, (sums.get(code) ?? 0) + n);
  }
  return [...sums].filter(([, n]) => n > 0).sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
}
