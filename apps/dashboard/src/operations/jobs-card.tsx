import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';

import { nameOfWork, type JobFailureView, type JobsView, type JobView, type Work } from '#protocol';

import { Explain } from '../controls/explain.js';
import { clock, count, day, plural } from '../figures.js';
import { AFTER_FAILURE_WORDS, factsOf, JOB_STATE_WORDS } from './job-words.js';
import { useJobs } from './use-jobs.js';
import '../styles/jobs.css';

/** Of each list, until somebody wants all. */
const FEW = 8;
const DAY_MS = 86_400_000;

/** What the worker is doing and is to do, job by job, and what failed last. */
export function JobsCard() {
  const { data, error, dataUpdatedAt, refetch } = useJobs();
  return (
    <section className="card" aria-labelledby="jobs" aria-busy={data === undefined && error === null}>
      <header className="card-header">
        <h2 id="jobs">Jobs</h2>
        <Explain of="Jobs">
          What the worker is doing and is to do. Jobs are hints: what is to be done is in the tables, and work whose job
          was lost is asked for again within a second while the worker runs. So there is nothing to retry or remove
          here: abort or retry the round.
        </Explain>
      </header>
      {error !== null && (
        <div className="banner" role="alert">
          <p>
            {data === undefined
              ? `Jobs cannot be shown. ${error.message}`
              : `${error.message} What is below is of ${clock(dataUpdatedAt)}.`}
          </p>
          <button type="button" className="button" onClick={() => void refetch()}>
            Ask again
          </button>
        </div>
      )}
      {data === undefined ? error === null && <Asking /> : <Lists view={data} />}
    </section>
  );
}

function Asking() {
  return (
    <div className="jobs-asking">
      <p className="muted">Asking what the worker does…</p>
      <div className="skeleton" aria-hidden="true" />
      <div className="skeleton skeleton-short" aria-hidden="true" />
    </div>
  );
}

function Lists({ view: { jobs, total, failures } }: { view: JobsView }) {
  return (
    <>
      {jobs.length === 0 ? (
        <p className="muted">No job: nothing is to be done now.</p>
      ) : (
        <FewOf all={jobs} label="Jobs">
          {(job) => <Job key={keyOf(job)} job={job} />}
        </FewOf>
      )}
      {total > jobs.length && (
        <p className="muted jobs-note">
          These are {count(jobs.length)} of {plural(total, 'job')}.
        </p>
      )}
      <h3 className="jobs-heading" id="failed-last">
        Failed last
      </h3>
      {failures.length === 0 ? (
        <p className="muted">No try has failed.</p>
      ) : (
        <FewOf all={failures} label="Failed last">
          {(failure) => <Failed key={keyOf(failure)} failure={failure} />}
        </FewOf>
      )}
    </>
  );
}

const keyOf = ({ queue, roundId, shard, useCase, version }: Work): string =>
  [queue, roundId, shard, useCase, version].join(' ');

interface FewOfProps<T> {
  readonly all: readonly T[];
  readonly label: string;
  readonly children: (one: T) => ReactNode;
}

function FewOf<T>({ all, label, children }: FewOfProps<T>) {
  const [showsAll, setShowsAll] = useState(false);
  return (
    <>
      <ul className="jobs" aria-label={label}>
        {(showsAll ? all : all.slice(0, FEW)).map(children)}
      </ul>
      {all.length > FEW && (
        <button type="button" className="button" aria-expanded={showsAll} onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? `Show the first ${FEW}` : `Show all ${count(all.length)}`}
        </button>
      )}
    </>
  );
}

function Job({ job }: { job: JobView }) {
  const { state, failure } = job;
  return (
    <li className="job">
      <p className="job-line">
        <span className="pill job-state" data-state={state}>
          {JOB_STATE_WORDS[state]}
        </span>
        <WorkName work={job} />
        <span className="muted">{factsOf(job, Date.now()).join(' · ')}</span>
      </p>
      {failure !== null && (
        <p className="job-reason">
          Last failed {when(failure.at)}: {failure.reason}
        </p>
      )}
    </li>
  );
}

function Failed({ failure }: { failure: JobFailureView }) {
  const { at, reason, tries, next } = failure;
  return (
    <li className="job" data-next={next}>
      <p className="job-line">
        <span className="pill job-state" data-state={next}>
          {AFTER_FAILURE_WORDS[next]}
        </span>
        <WorkName work={failure} />
        <span className="muted">
          <time dateTime={at}>{when(at)}</time>
          {tries > 1 && ` · ${count(tries)} tries failed`}
        </span>
      </p>
      <p className="job-reason">{reason}</p>
    </li>
  );
}

/** The time of day, with the date where that is another one. */
function when(at: string): string {
  const time = Date.parse(at);
  return Date.now() - time < DAY_MS ? clock(time) : day(time);
}

function WorkName({ work }: { work: Work }) {
  const name = nameOfWork(work);
  return work.roundId === null ? <span>{name}</span> : <Link to={`/rounds/${work.roundId}`}>{name}</Link>;
}
