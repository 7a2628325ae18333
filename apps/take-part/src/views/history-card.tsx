import type { HistoryEntry } from '../memory/memory.js';
import { bytes, count, figure, timeOf } from './numbers.js';

/** The rounds that this device sent an update to, newest first. */
export function HistoryCard({ history }: { readonly history: readonly HistoryEntry[] }) {
  return (
    <section className="card" aria-labelledby="history-title">
      <h2 id="history-title">Your rounds</h2>
      {history.length === 0 && <p className="muted">None yet.</p>}
      <ol className="history" hidden={history.length === 0}>
        {history.map((entry) => (
          <li key={`${entry.roundId} ${entry.at}`} data-outcome={entry.outcome}>
            <p>
              <span className={`pill pill-${pillOf(entry)[0]}`}>{pillOf(entry)[1]}</span>{' '}
              <time dateTime={new Date(entry.at).toISOString()}>{timeOf(entry.at)}</time>
            </p>
            <p className="muted small">{sentenceOf(entry)}</p>
            {entry.receipt !== null && (
              <p className="small">
                Receipt <code className="receipt">{entry.receipt}</code>
              </p>
            )}
            {entry.proof !== null && (
              <button className="button" type="button" onClick={() => save(entry)}>
                Save the proof
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function pillOf({ receipt, outcome }: HistoryEntry): readonly [string, string] {
  if (receipt === null) return ['bad', 'refused'];
  const pills = {
    waiting: ['plain', 'received'],
    counted: ['good', 'counted'],
    not_counted: ['warn', 'not counted'],
    abandoned: ['warn', 'abandoned'],
  } as const;
  return pills[outcome];
}

function sentenceOf({ refusal, outcome, of, norm, bytes: length }: HistoryEntry): string {
  const what = norm === null || length === null ? '' : ` ${bytes(length)}, norm ${figure(norm)}.`;
  if (refusal !== null) return `Intake refused it: ${refusal}`;
  const says = {
    waiting: 'Intake has it, and signed for it. The round is not over.',
    counted: `In the new model, as one of ${count(of ?? 0)} updates. The proof was checked here, against the public log.`,
    not_counted: 'The round took no more updates than it wanted, and yours was not among them.',
    abandoned: 'The round was abandoned: no update was used.',
  };
  return says[outcome] + what;
}

/** A file for whoever wants to check it: it names no device, but whoever gets it knows whose it is. */
function save({ proof, roundId }: HistoryEntry): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(proof)], { type: 'application/json' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: `counted-${roundId}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
