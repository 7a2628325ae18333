import { useState } from 'react';
import { Button, Label, ProgressBar } from 'react-aria-components';

import { count, plural } from '../figures.js';
import type { Verification } from './log-messages.js';
import { rememberedLog, rememberLog } from './remembered-log.js';
import type { AskLog } from './use-log-worker.js';

type State =
  | { readonly at: 'rest' }
  | { readonly at: 'work'; readonly done: number; readonly total: number }
  | { readonly at: 'end'; readonly result: Verification }
  | { readonly at: 'trouble'; readonly problem: string };

/** The whole log, read and rebuilt in this page. */
export function VerifyCard({ ask }: { ask: AskLog }) {
  const [state, setState] = useState<State>({ at: 'rest' });
  const verify = () => {
    setState({ at: 'work', done: 0, total: 0 });
    ask({ kind: 'verify', remembered: rememberedLog() }, (done, total) => setState({ at: 'work', done, total })).then(
      (result) => {
        const { size, root, logKey, problems } = result;
        // What has a fault is not remembered: the next visit shall find it again.
        if (problems.length === 0) rememberLog({ size, root, logKey });
        setState({ at: 'end', result });
      },
      (error: Error) => setState({ at: 'trouble', problem: error.message }),
    );
  };
  return (
    <section className="card verify" aria-labelledby="verify">
      <header className="card-header">
        <h2 id="verify">Verify it yourself</h2>
      </header>
      <p className="muted">
        This page reads every leaf, rebuilds the tree, and checks its root, the head’s signature, every manifest, and
        that the log still begins with what this browser saw before.
      </p>
      {state.at === 'work' && <Progress done={state.done} total={state.total} />}
      {state.at === 'end' && <Outcome result={state.result} />}
      {state.at === 'trouble' && (
        <p className="problem" role="alert">
          {state.problem}
        </p>
      )}
      <Button className="button" onPress={verify} isDisabled={state.at === 'work'}>
        {state.at === 'rest' ? 'Verify in this page' : 'Verify again'}
      </Button>
    </section>
  );
}

function Progress({ done, total }: { done: number; total: number }) {
  return (
    <ProgressBar
      className="verify-progress"
      value={done}
      maxValue={Math.max(1, total)}
      valueLabel={`${count(done)} of ${count(total)}`}
    >
      {({ percentage, valueText }) => (
        <>
          <Label>Leaves read</Label> <span className="muted">{valueText}</span>
          <span className="figure-track">
            <span className="figure-bar" style={{ inlineSize: `${percentage ?? 0}%` }} />
          </span>
        </>
      )}
    </ProgressBar>
  );
}

function Outcome({ result: { leaves, manifests, since, problems } }: { result: Verification }) {
  if (problems.length === 0)
    return (
      <p className="fine" role="status">
        {plural(leaves, 'leaf').replace('leafs', 'leaves')} and {plural(manifests, 'manifest')} checked, 0 problems.{' '}
        {since === null
          ? 'From now on this browser remembers how the log begins.'
          : `It still begins with the ${count(since)} that this browser saw before.`}
      </p>
    );
  return (
    <div className="problem" role="alert">
      <p>
        <strong>
          {plural(problems.length, 'problem')} in {count(leaves)} leaves.
        </strong>{' '}
        Devices that read this log stop taking part. Ask who runs the coordinator, and keep what you see here.
      </p>
      <ul>
        {problems.map(({ position, what }, i) => (
          <li key={i}>
            {position === null ? '' : `Leaf ${count(position)}: `}
            {what}
          </li>
        ))}
      </ul>
    </div>
  );
}
