import {
  nameOfWork,
  type AfterFailure,
  type JobFailureView,
  type JobState,
  type JobsView,
  type JobView,
} from '#protocol';

import { renderTable } from './table.js';

const STATES: Record<JobState, string> = {
  active: 'running',
  unqueued: 'due, no job',
  failed: 'failed',
  delayed: 'tried again',
  waiting: 'waiting',
};

const AFTER: Record<AfterFailure, string> = { again: 'tried again', done: 'done since', over: 'over' };

/** What is to be done, then what failed last. */
export function renderJobs({ jobs, total, failures }: JobsView): string {
  return [
    jobs.length === 0 ? 'No job: nothing is to be done now.' : renderTable(JOB_COLUMNS, jobs),
    ...(total > jobs.length ? [`These are ${jobs.length} of ${total}.`] : []),
    '',
    failures.length === 0 ? 'No try has failed.' : `Failed last:\n${renderTable(FAILURE_COLUMNS, failures)}`,
  ].join('\n');
}

const JOB_COLUMNS = [
  { title: 'STATE', value: ({ state }: JobView) => STATES[state] },
  { title: 'WORK', value: nameOfWork },
  {
    title: 'TRIES',
    value: ({ tries, mostTries }: JobView) => (mostTries === null ? '–' : `${tries}/${mostTries}`),
    right: true,
  },
  { title: 'SINCE', value: ({ since }: JobView) => since ?? '–' },
  { title: 'BEGAN', value: ({ begunAt }: JobView) => begunAt ?? '–' },
  { title: 'NOTE', value: noteOf },
];

const FAILURE_COLUMNS = [
  { title: 'AT', value: ({ at }: JobFailureView) => at },
  { title: 'WORK', value: nameOfWork },
  { title: 'TRIES', value: ({ tries }: JobFailureView) => tries, right: true },
  { title: 'NEXT', value: ({ next }: JobFailureView) => AFTER[next] },
  { title: 'REASON', value: ({ reason }: JobFailureView) => reason },
];

function noteOf({ state, nextAt, shardsLeft, stalls, failure }: JobView): string {
  return [
    ...(state === 'unqueued' ? ['no worker has asked for it'] : []),
    ...(nextAt === null ? [] : [`again ${nextAt}`]),
    ...(shardsLeft === null ? [] : [`shards to sum: ${shardsLeft}`]),
    ...(stalls === 0 ? [] : [`its worker was gone: ${stalls}`]),
    ...(failure === null ? [] : [`last failed: ${failure.reason}`]),
  ].join('; ');
}
