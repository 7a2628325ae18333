import { lazy, Suspense, useState } from 'react';
import { Button } from 'react-aria-components';
import { Link } from 'react-router';

import type { ModelView } from '#protocol';

import { Figure } from '../controls/figure.js';
import { count, day, percent } from '../figures.js';

const TryModel = lazy(async () => ({ default: (await import('./try-model.js')).TryModel }));

interface Props {
  readonly digest: string;
  /** what the list says of it; undefined for who may not see the list, and for another use case's */
  readonly model: ModelView | undefined;
  readonly hasTopology: boolean;
}

export function OneModel({ digest, model, hasTopology }: Props) {
  const [isTrying, setTrying] = useState(false);
  const title = model ? `Version ${count(model.version)}` : `Model ${digest.slice(0, 12)}…`;
  return (
    <section className="card" aria-labelledby="model">
      <header className="card-header">
        <h2 id="model">{title}</h2>
        {model && <p className="muted">{day(Date.parse(model.createdAt))}</p>}
      </header>
      {model && <Worth model={model} />}
      {model && <Lineage model={model} />}
      <p className="root">
        <span className="muted">SHA-256</span> <code>{digest}</code>
      </p>
      <div className="buttons">
        <Downloads digest={digest} title={title} hasTopology={hasTopology} />
        {hasTopology && !isTrying && (
          <Button className="button button-main" onPress={() => setTrying(true)}>
            Try it
          </Button>
        )}
      </div>
      {!hasTopology && (
        <p className="muted">It has a bare layout: nobody said which layers it has, so that it cannot be tried here.</p>
      )}
      {isTrying && (
        <Suspense fallback={<p role="status">Loading TensorFlow.js…</p>}>
          <TryModel digest={digest} />
        </Suspense>
      )}
    </section>
  );
}

function Downloads({ digest, title, hasTopology }: { digest: string; title: string; hasTopology: boolean }) {
  const at = `/v1/models/${digest}`;
  return (
    <>
      <a className="button" href={at} download={`${title}.safetensors`}>
        Download safetensors
      </a>
      {hasTopology && (
        <>
          <a className="button" href={`${at}/tfjs/model.json`} download="model.json">
            TensorFlow.js: model.json
          </a>
          <a className="button" href={`${at}/tfjs/weights.bin`} download="weights.bin">
            weights.bin
          </a>
        </>
      )}
    </>
  );
}

function Worth({ model: { accuracy, loss, onDevices, epsilon, parameters } }: { model: ModelView }) {
  return (
    <dl className="figures">
      <Figure
        name="Accuracy"
        value={accuracy === null ? '–' : percent(accuracy)}
        note="on the server’s evaluation set"
        meaning="The share of examples that it gets right. No device trains on them."
      />
      <Figure name="Loss" value={loss === null ? '–' : loss.toFixed(3)} note="less is better" />
      <Figure
        name="On devices"
        value={onDevices === null ? '–' : percent(onDevices.accuracy)}
        note={
          onDevices === null
            ? 'no round has measured it'
            : `loss ${onDevices.loss.toFixed(3)}, ${count(onDevices.devices)} devices`
        }
        meaning="What devices found on examples of their own, in a round that measures. Each device counts once."
      />
      <Figure
        name="ε spent"
        value={epsilon === null ? '–' : epsilon.toFixed(2)}
        note={epsilon === null ? `no noise; ${count(parameters)} parameters` : 'by all versions up to this one'}
      />
    </dl>
  );
}

/** Where it comes from: the versions that it was made from, the round, the log. */
function Lineage({ model: { version, parent, round, roundId, strategy, encoding, leaf } }: { model: ModelView }) {
  return (
    <ol className="lineage" aria-label="Where it comes from">
      {parent !== null && (
        <li>
          <span className="muted">made from</span> version {count(parent)}
        </li>
      )}
      <li>
        {roundId === null ? (
          <>
            <span className="muted">by</span> a researcher, as the initial model
          </>
        ) : (
          <>
            <span className="muted">by</span> <Link to={`/rounds/${roundId}`}>round {count(round ?? 0)}</Link>
          </>
        )}
      </li>
      {roundId !== null && (
        <li>
          <span className="muted">with</span> {nameOf(strategy)}
          {encoding !== null && encoding !== 'int32' && <>, {encoding}</>}
        </li>
      )}
      {roundId !== null && (
        <li>
          <span className="muted">logged as</span>{' '}
          {leaf === null ? 'no leaf yet' : <Link to={`/log?round=${roundId}`}>leaf {count(leaf)}</Link>}
        </li>
      )}
      <li>
        <b>version {count(version)}</b>
      </li>
    </ol>
  );
}

function nameOf(strategy: string | null): string {
  if (strategy === null) return 'its strategy';
  try {
    return (JSON.parse(strategy) as { name?: string }).name ?? strategy;
  } catch {
    return strategy;
  }
}
