import type { JobFailureView, JobsView, JobView, Work } from '#protocol';

import type { Pool } from '../database/index.js';

/** What failed and why, in words that are the worker's own. */
export interface FailedTry extends Pick<Work, 'queue' | 'shard' | 'version'> {
  /** by which the queue knows the same work again */
  readonly job: string;
  /** null of a model that is measured */
  readonly roundId: string | null;
  /** null of a round */
  readonly useCase: string | null;
  /** up to 200 characters; the database takes none with anything that looks like an id, a digest, a key or an address */
  readonly reason: string;
}

interface JobRow extends Omit<JobView, 'since' | 'begunAt' | 'nextAt' | 'failure'> {
  readonly since: Date | null;
  readonly begunAt: Date | null;
  readonly nextAt: Date | null;
  readonly failedAt: Date | null;
  readonly reason: string | null;
  readonly total: number;
}

type FailureRow = Omit<JobFailureView, 'at'> & { readonly at: Date };

const WORK = 'queue, use_case as "useCase", round, round_id as "roundId", shard, version';

const JOBS = `
  select ${WORK}, state, tries, most_tries as "mostTries", stalls, shards_left as "shardsLeft", since, begun_at as "begunAt",
         next_at as "nextAt", failed_at as "failedAt", reason, total
    from rounds.queue_jobs()`;

const FAILURES = `select ${WORK}, tries, at, reason, next from rounds.job_failures()`;

/** Jobs for people. What can be done about them is to be done to rounds. */
export class QueueJobs {
  constructor(private readonly pool: Pool) {}

  /** What is in the queues now and what failed last. */
  async view(): Promise<JobsView> {
    const jobs = await this.pool.query<JobRow>(JOBS);
    const failures = await this.pool.query<FailureRow>(FAILURES);
    return {
      jobs: jobs.rows.map(toJob),
      total: jobs.rows[0]?.total ?? 0,
      failures: failures.rows.map(({ at, ...row }): JobFailureView => ({ ...row, at: at.toISOString() })),
    };
  }

  /** For the worker: a try of a job that failed. The same work counts up. */
  async noteFailure({ queue, job, roundId, shard, useCase, version, reason }: FailedTry): Promise<void> {
    await this.pool.query('select rounds.note_job_failure($1, $2, $3, $4, $5, $6, $7)', [
      ...[queue, job, roundId, shard],
      ...[useCase, version, reason],
    ]);
  }
}

function toJob(row: JobRow): JobView {
  const { total: _, failedAt, reason, since, begunAt, nextAt, ...job } = row;
  const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
  const failure = failedAt === null || reason === null ? null : { at: failedAt.toISOString(), reason };
  return { ...job, since: iso(since), begunAt: iso(begunAt), nextAt: iso(nextAt), failure };
}
