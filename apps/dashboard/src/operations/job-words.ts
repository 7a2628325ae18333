import type { AfterFailure, JobState, JobView } from '#protocol';

import { count, duration, plural } from '../figures.js';

export const JOB_STATE_WORDS: Record<JobState, string> = {
  active: 'Running',
  unqueued: 'Due, no job',
  failed: 'Failed',
  delayed: 'Tried again soon',
  waiting: 'Waiting',
};

export const AFTER_FAILURE_WORDS: Record<AfterFailure, string> = {
  again: 'Tried again',
  done: 'Done since',
  over: 'Over',
};

/** A worker that runs asks for work four times a second. */
const SOON_MS = 2000;

/** How long it runs or waits, which try it is, and what happened to it. @param now  unix ms */
export function factsOf(job: JobView, now: number): string[] {
  const { tries, mostTries, stalls } = job;
  return [
    waitOf(job, now),
    job.state === 'active' && mostTries !== null && `try ${tries + 1} of ${mostTries}`,
    job.state !== 'active' && tries > 0 && `${count(tries)} of ${mostTries} tries failed`,
    stalls > 0 && `its worker was gone ${plural(stalls, 'time')}`,
  ].filter((fact) => typeof fact === 'string');
}

function waitOf({ state, since, begunAt, nextAt, shardsLeft }: JobView, now: number): string | false {
  const from = (at: string): string => duration(now - Date.parse(at));
  if (state === 'active' && begunAt !== null) return `for ${from(begunAt)}`;
  if (state === 'delayed' && nextAt !== null) return `again in ${duration(Date.parse(nextAt) - now)}`;
  if (state === 'unqueued' && since !== null && now - Date.parse(since) < SOON_MS) return 'it is asked for now';
  if (state === 'unqueued') return `${since === null ? '' : `due for ${from(since)}: `}is the worker running?`;
  if (shardsLeft !== null) return `waits for ${plural(shardsLeft, 'shard')}`;
  return since !== null && `in the queue for ${from(since)}`;
}
