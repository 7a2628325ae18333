import { lazy, Suspense, useState } from 'react';
import { Button } from 'react-aria-components';
import { Link } from 'react-router';

import type { RoundView } from '#protocol';

import { count, percent } from '../figures.js';

const AcceptedCheck = lazy(async () => ({ default: (await import('../log/accepted-check.js')).AcceptedCheck }));

/** Where else it left a trace: the log, the model, the round before it. */
export function RoundFacts({ round }: { round: RoundView }) {
  const { state, modelOut, baseVersion, evaluates, onDevices, epoch, slot, retryOf, epsilon } = round;
  return (
    <section className="card" aria-labelledby="facts">
      <header className="card-header">
        <h2 id="facts">What it left behind</h2>
      </header>
      <dl className="facts">
        {baseVersion !== null && <Fact name="Began with">model version {count(baseVersion)}</Fact>}
        {modelOut !== null && (
          <Fact name="Model">
            <Link to={`/models?model=${modelOut}`}>
              <code>{modelOut.slice(0, 16)}…</code>
            </Link>
          </Fact>
        )}
        {evaluates !== null && <Fact name="Measured">model version {count(evaluates)}</Fact>}
        {onDevices !== null && (
          <Fact name="On devices">
            accuracy {percent(onDevices.accuracy)}, loss {onDevices.loss.toFixed(3)}, {count(onDevices.devices)} devices
          </Fact>
        )}
        {epsilon !== null && <Fact name="ε after it">{epsilon.toFixed(3)}</Fact>}
        {epoch !== null && <Fact name="Slot">{`${slot} of epoch ${epoch}`}</Fact>}
        {retryOf !== null && (
          <Fact name="In the place of">
            <Link to={`/rounds/${retryOf}`}>an abandoned round</Link>
          </Fact>
        )}
        <Fact name="Log">
          <Link to={`/log?round=${round.id}`}>its leaves</Link>
        </Fact>
      </dl>
      {state === 'published' && <ListCheck roundId={round.id} />}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function ListCheck({ roundId }: { roundId: string }) {
  const [isChecking, setChecking] = useState(false);
  if (!isChecking)
    return (
      <Button className="button" onPress={() => setChecking(true)}>
        Check its accepted list against the log
      </Button>
    );
  return (
    <Suspense fallback={<p className="muted">Loading the check…</p>}>
      <AcceptedCheck roundId={roundId} />
    </Suspense>
  );
}
