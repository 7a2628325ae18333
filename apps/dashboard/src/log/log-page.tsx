import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';

import { Explain } from '../controls/explain.js';
import { Figure } from '../controls/figure.js';
import { count, day } from '../figures.js';
import { Loading, Trouble } from '../notices.js';
import { useTitle } from '../shell/use-title.js';
import type { HeadView, LeafView } from './log-messages.js';
import { rememberedLog } from './remembered-log.js';
import { useLogWorker, type AskLog } from './use-log-worker.js';
import { VerifyCard } from './verify-card.js';
import '../styles/overview.css';
import '../styles/log.css';

const EVERY_MS = 10_000;

/** The transparency log: what must be the same for every device. */
export function LogPage() {
  useTitle('Log');
  const [params, setParams] = useSearchParams();
  const roundId = params.get('round');
  const ask = useLogWorker();
  const { data, error, refetch } = useQuery({
    queryKey: ['log'],
    queryFn: () => ask({ kind: 'recent', pinnedKey: rememberedLog()?.logKey ?? null }),
    refetchInterval: EVERY_MS,
  });
  if (data === undefined)
    return error === null ? (
      <Loading what="Reading the log…" />
    ) : (
      <Trouble title="The log cannot be shown" problem={error.message} retry={() => void refetch()} />
    );
  return (
    <>
      <Head head={data.head} />
      <VerifyCard ask={ask} />
      {roundId === null ? (
        <Leaves leaves={data.leaves} title="Newest leaves" />
      ) : (
        <LeavesOfRound roundId={roundId} ask={ask} all={() => setParams({})} />
      )}
    </>
  );
}

function LeavesOfRound({ roundId, ask, all }: { roundId: string; ask: AskLog; all: () => void }) {
  const { data, error, isPending } = useQuery({
    queryKey: ['log', roundId],
    queryFn: () => ask({ kind: 'round', roundId }),
  });
  const none = isPending ? 'Reading the log…' : 'The log has none: a round is in it once it is announced.';
  return <Leaves leaves={data ?? []} title="Leaves of one round" empty={error?.message ?? none} all={all} />;
}

function Head({ head }: { head: HeadView }) {
  const { size, root, timestamp, isSigned, logKey, isKnownKey } = head;
  return (
    <section className="card" aria-labelledby="head">
      <header className="card-header">
        <h2 id="head">Tree head</h2>
        <Explain of="Tree head">
          The log is a Merkle tree: its root is a digest of every leaf in it. Devices read all of it and believe nothing
          that is not in it, so that nobody can tell two devices two different things.
        </Explain>
      </header>
      <dl className="figures">
        <Figure name="Leaves" value={count(size)} note="facts, in the order in which they became true" />
        <Figure
          name="Signature"
          value={isSigned ? 'Good' : 'Bad'}
          bar={{ share: 1, tone: isSigned ? 'good' : 'bad' }}
          note={isSigned ? 'checked in this page' : 'the log’s key did not sign this head'}
          meaning="Checked against the key that the manifests name. This page comes from the coordinator as well: who trusts nobody runs starling log verify, or a witness, elsewhere."
        />
        <Figure name="Signed" value={day(timestamp)} note="heads are signed at public times" />
        <Figure
          name="Key"
          value={<code>{logKey.slice(0, 12)}…</code>}
          note={
            isKnownKey === null
              ? 'this browser has not verified the log before'
              : isKnownKey
                ? 'the one that this browser saw before'
                : 'another than this browser saw before'
          }
        />
      </dl>
      <p className="root">
        <span className="muted">Root</span> <code>{root}</code>
      </p>
    </section>
  );
}

interface LeavesProps {
  readonly leaves: readonly LeafView[];
  readonly title: string;
  readonly empty?: string;
  readonly all?: () => void;
}

function Leaves({ leaves, title, empty = 'The log is empty.', all }: LeavesProps) {
  return (
    <section className="card" aria-labelledby="leaves">
      <header className="card-header">
        <h2 id="leaves">{title}</h2>
        {all && (
          <button type="button" className="button" onClick={all}>
            Show the newest of all
          </button>
        )}
      </header>
      {leaves.length === 0 ? (
        <p className="muted">{empty}</p>
      ) : (
        <ol className="leaves">
          {leaves.map((leaf) => (
            <Leaf key={leaf.position} leaf={leaf} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Leaf({ leaf: { position, kind, text, roundId, model } }: { leaf: LeafView }) {
  return (
    <li className="leaf">
      <span className="leaf-position">{count(position)}</span>
      <span className="pill">{kind}</span>
      <span className="leaf-text">
        {text}
        {roundId !== null && (
          <>
            {' '}
            <Link to={`/rounds/${roundId}`} aria-label={`The round of leaf ${position}`}>
              round
            </Link>
          </>
        )}
        {model !== null && (
          <>
            {' '}
            <Link to={`/models?model=${model}`} aria-label={`The model of leaf ${position}`}>
              model
            </Link>
          </>
        )}
      </span>
    </li>
  );
}
