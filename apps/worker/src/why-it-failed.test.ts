import { UnrecoverableError } from 'bullmq';

import { describe, expect, it, test } from '@jest/globals';

import { RottenError } from './arithmetic.js';
import { JobError, whyItFailed } from './why-it-failed.js';

const JOB = { deferredFailure: undefined } as never;
const BODY = '5f3e8a8c0de1f34c22b1f0a96d5b7c4e';
const withCode = (message: string, code: string): Error => Object.assign(new Error(message), { code });

describe('why a try failed', () => {
  // Kills: messages of libraries, which quote what they were given.
  test.each<[unknown, string]>([
    [withCode(`ENOSPC: no space left on device, write '/bodies/${BODY}'`, 'ENOSPC'), 'the disk is full (ENOSPC)'],
    // As it comes out of a thread.
    [new Error(`ENOSPC: no space left on device, write '/bodies/${BODY}'`), 'the disk is full (ENOSPC)'],
    [withCode('connect ECONNREFUSED 10.0.0.7:5432', 'ECONNREFUSED'), 'PostgreSQL does not answer (ECONNREFUSED)'],
    [withCode('canceling statement due to statement timeout', '57014'), 'a statement took too long (57014)'],
    [withCode(`Key (digest)=(${BODY}) already exists`, '23505'), 'PostgreSQL refused (23505)'],
    [new TypeError(`cannot read ${BODY}`), "TypeError; the worker's log says where"],
    [Object.assign(new Error('x'), { name: BODY, code: `${BODY}/x` }), "Error; the worker's log says where"],
    [`thrown ${BODY}`, "Error; the worker's log says where"],
  ])('[OBS16] is of what is not ours the class and the code: %#', (error, why) => {
    expect(whyItFailed(error, JOB)).toBe(why);
  });

  it('[OBS16] is of what is ours the sentence, also where BullMQ is told to stop', () => {
    expect(whyItFailed(new JobError('2 of 3 shards are summed'), JOB)).toBe('2 of 3 shards are summed');
    const rotten = Object.assign(new UnrecoverableError('RottenError'), {
      cause: new RottenError('an update lost its end'),
    });
    expect(whyItFailed(rotten, JOB)).toBe('an update lost its end');
    const child = { deferredFailure: `child fold-shard:fold-${BODY}-0 failed` } as never;
    expect(whyItFailed(new UnrecoverableError(`child fold-${BODY}-0 failed`), child)).toBe(
      'a shard of it was not summed',
    );
  });

  // Kills: trust in our own sentences, into which somebody will put an id one day.
  it('[OBS16] is a class alone where our own sentence could name something, and never long', () => {
    for (const name of [BODY, crypto.randomUUID(), '10.0.0.7', 'A'.repeat(32)])
      expect(whyItFailed(new JobError(`the body ${name} is gone`), JOB)).toBe("JobError; the worker's log says where");
    expect(whyItFailed(new JobError('so long '.repeat(99)), JOB)).toHaveLength(200);
  });
});
