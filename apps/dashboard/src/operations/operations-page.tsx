import type { OperationsView } from '#protocol';

import { Sparkline } from '../charts/sparkline.js';
import { Explain } from '../controls/explain.js';
import { AnswerError } from '../coordinator.js';
import { clock, count, duration, plural } from '../figures.js';
import { Loading, Notice, SignInNotice, Trouble } from '../notices.js';
import { RefusalList } from '../overview/refusals.js';
import { useTitle } from '../shell/use-title.js';
import { JobsCard } from './jobs-card.js';
import { STATE_WORDS } from './process-words.js';
import { useOperations, useRateHistory, type Rate } from './use-operations.js';
import '../styles/overview.css';
import '../styles/operations.css';

/** How the processes are, for who runs them. */
export function OperationsPage() {
  useTitle('Operations');
  const { maySee, data, error, dataUpdatedAt, refetch } = useOperations();
  const history = useRateHistory(data, dataUpdatedAt);
  if (!maySee)
    return (
      <SignInNotice title="Operations are for people with an account">
        Processes, queues, jobs and rates are not public. Every role may see them.
      </SignInNotice>
    );
  if (data === undefined && error instanceof AnswerError && error.status === 404)
    return (
      <Notice title="This coordinator does not tell yet">
        <p>It is of a version without operations. Health is at /health and /ready of each process.</p>
      </Notice>
    );
  if (data === undefined && error !== null)
    return <Trouble title="Operations cannot be shown" problem={error.message} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="Asking how the processes are…" />;
  return (
    <>
      {error !== null && (
        <div className="banner" role="alert">
          <p>
            {error.message} The figures below are of {clock(dataUpdatedAt)}.
          </p>
        </div>
      )}
      <Rates history={history} rates={data.rates} />
      <Processes processes={data.processes} />
      <div className="pair">
        <Queues queues={data.queues} />
        <RefusedNow refusals={data.refusals} />
      </div>
      <JobsCard />
    </>
  );
}

const RATE_WORDS: Record<Rate, { readonly name: string; readonly meaning: string }> = {
  issuedPerSecond: { name: 'Issued', meaning: 'Tokens that issuers gave to devices.' },
  redeemedPerSecond: { name: 'Redeemed', meaning: 'Tokens that intake checked and found good.' },
  acceptedPerSecond: { name: 'Accepted', meaning: 'Updates that count.' },
  refusedPerSecond: {
    name: 'Refused',
    meaning: 'What intake said no to, whatever the reason. A spike is worth a look at the reasons.',
  },
  shedPerSecond: {
    name: 'Shed',
    meaning: 'What was turned away because there was too much to do; devices come back later.',
  },
};

function Rates({ rates, history }: { rates: OperationsView['rates']; history: readonly OperationsView['rates'][] }) {
  return (
    <section className="card" aria-labelledby="rates">
      <header className="card-header">
        <h2 id="rates">A second</h2>
        <p className="muted">the last minutes, kept in this page</p>
      </header>
      <dl className="rates">
        {(Object.keys(RATE_WORDS) as Rate[]).map((rate) => (
          <div key={rate} className="rate">
            <dt>
              {RATE_WORDS[rate].name}{' '}
              <Explain of={`${RATE_WORDS[rate].name} a second`}>{RATE_WORDS[rate].meaning}</Explain>
            </dt>
            <dd>
              <span className="figure-value">{tidy(rates[rate])}</span>
              <Sparkline
                values={history.map((one) => one[rate])}
                label={`${RATE_WORDS[rate].name} a second, now ${tidy(rates[rate])}`}
                colour={rate === 'refusedPerSecond' || rate === 'shedPerSecond' ? 'bad' : 'accent'}
              />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const tidy = (rate: number): string => (rate >= 100 ? count(Math.round(rate)) : `${+rate.toFixed(1)}`);

function Processes({ processes }: Pick<OperationsView, 'processes'>) {
  return (
    <section className="card" aria-labelledby="processes">
      <header className="card-header">
        <h2 id="processes">Processes</h2>
      </header>
      <ul className="processes">
        {processes.map((one) => (
          <li key={one.name} className="process" data-state={one.state}>
            <p className="process-name">
              <span className="health-dot" aria-hidden="true" />
              <b>{one.name}</b> <span className="muted">{STATE_WORDS[one.state]}</span>
            </p>
            {one.reason !== null && <p className="process-reason">{one.reason}</p>}
            <p className="muted process-figures">
              {[
                one.startedAt && `up ${duration(Date.now() - Date.parse(one.startedAt))}`,
                one.connections !== null && plural(one.connections, 'connection'),
                one.memoryBytes !== null && `${count(Math.round(one.memoryBytes / 1e6))} MB`,
                one.eventLoopLagMs !== null && `${one.eventLoopLagMs.toFixed(0)} ms behind`,
              ]
                .filter(Boolean)
                .join(' · ')}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Queues({ queues }: Pick<OperationsView, 'queues'>) {
  return (
    <section className="card" aria-labelledby="queues">
      <header className="card-header">
        <h2 id="queues">Queues</h2>
        <Explain of="Queues">
          Jobs of the worker: summing, publishing and measuring. The tables say what is to be done, so that a lost job
          costs time and nothing else.
        </Explain>
      </header>
      {queues.length === 0 ? (
        <p className="muted">There is no queue yet: the worker makes them with the first round.</p>
      ) : (
        <QueueTable queues={queues} />
      )}
    </section>
  );
}

function QueueTable({ queues }: Pick<OperationsView, 'queues'>) {
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label="Queues">
      <table className="plain-table">
        <thead>
          <tr>
            {['Queue', 'Waiting', 'Active', 'Delayed', 'Failed', 'Oldest'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {queues.map(({ name, waiting, active, delayed, failed, oldestWaitingMs }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{count(waiting)}</td>
              <td>{count(active)}</td>
              <td>{count(delayed)}</td>
              <td data-tone={failed > 0 ? 'bad' : undefined}>{count(failed)}</td>
              <td>{oldestWaitingMs === null ? '–' : duration(oldestWaitingMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RefusedNow({ refusals }: Pick<OperationsView, 'refusals'>) {
  const byCode = refusals
    .map(({ code, count }) => [code, count] as const)
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a);
  return (
    <section className="card" aria-labelledby="refused">
      <header className="card-header">
        <h2 id="refused">Refusals</h2>
      </header>
      {byCode.length === 0 ? <p className="muted">Nothing refused.</p> : <RefusalList byCode={byCode} />}
    </section>
  );
}
