import type { Job } from 'bullmq';

import { RottenError } from './arithmetic.js';

/** What stands in the way of a job, in a sentence of our own with numbers at most: it is shown to people. */
export class JobError extends Error {
  override readonly name = 'JobError';
}

/** A sentence a code: what an operator can do something about. */
const MEANINGS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  ENOENT: 'a file is missing',
  EACCES: 'a file may not be read or written',
  EPERM: 'a file may not be read or written',
  EROFS: 'the disk takes no writes',
  EIO: 'the disk does not work',
  EMFILE: 'too many files are open',
  ENOMEM: 'there is no memory left',
  ECONNREFUSED: 'PostgreSQL does not answer',
  ECONNRESET: 'PostgreSQL went away',
  '40001': 'another transaction was in the way',
  '40P01': 'another transaction was in the way',
  '53100': "PostgreSQL's disk is full",
  '53300': 'PostgreSQL has no connection left',
  '55P03': 'a lock was not to be had in time',
  '57014': 'a statement took too long',
  '57P01': 'PostgreSQL was stopped',
  '57P03': 'PostgreSQL is starting',
};

/** What a token, a digest, a key, an id or an address could be: the database refuses it too. */
const COULD_NAME_SOMETHING = /[0-9A-Fa-f]{16}|[\w-]{32}|\d+\.\d+\.\d+\.\d+|[0-9a-f]{8}-[0-9a-f]{4}-/;
const LONGEST = 200;

/**
 * Why a try failed, for people: our own sentences as they are, of everything else its class and its code. Messages of
 * libraries may quote what they were given: a file's name, an address, a row.
 *
 * @returns 1 to 200 characters with nothing in them that could be a token, a digest, a key, an id or an address
 */
export function whyItFailed(error: unknown, { deferredFailure }: Pick<Job, 'deferredFailure'>): string {
  if (deferredFailure?.startsWith('child ') === true) return 'a shard of it was not summed';
  const own = ownWords(error);
  if (own !== undefined && !COULD_NAME_SOMETHING.test(own)) return own.slice(0, LONGEST);
  const code = codeOf(error);
  if (code === undefined) return `${classOf(error)}; the worker's log says where`;
  if (MEANINGS[code] !== undefined) return `${MEANINGS[code]} (${code})`;
  return /^[0-9A-Z]{5}$/.test(code) ? `PostgreSQL refused (${code})` : `${classOf(error)} (${code})`;
}

/** BullMQ stops trying on an error of its own, which has ours as its cause. */
function ownWords(error: unknown): string | undefined {
  const told = error instanceof Error && error.cause instanceof RottenError ? error.cause : error;
  return told instanceof JobError || told instanceof RottenError ? told.message : undefined;
}

const classOf = (error: unknown): string =>
  error instanceof Error && /^[A-Za-z]{1,31}$/.test(error.name) ? error.name : 'Error';

/** Between threads an error loses its code; Node's begin their message with it. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && /^[A-Z0-9_]{1,31}$/.test(code)) return code;
  return /^(E[A-Z]{2,14}): /.exec(error.message)?.[1];
}
