import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ProcessError } from './errors.js';
import { identifyProcess, isProcessRunning, pidOf } from './process-identity.js';

export interface Lock {
  /** Gives the lock back; safe to repeat. */
  release(): Promise<void>;
}

const TRIES = 5;

/**
 * Lets one process at a time hold `path`, a directory made for it. A holder that died, by `kill -9` or a power cut,
 * holds nothing: pid, start time and boot must all still be those of a running process.
 *
 * Each process puts down a claim, a file named after itself, and then looks for other live ones. A lock *file*
 * would have to be deleted when stale, and the deleter could hit the lock of whoever replaced it first; a claim's name
 * is never used twice, so removing a dead one is always safe.
 *
 * @throws ProcessError `already_running` with the holder's pid
 */
export async function takeLock(path: string): Promise<Lock> {
  await mkdir(path, { recursive: true });
  const claim = identifyProcess()!;
  let rival = 0;
  for (let tries = 0; tries < TRIES; tries++) {
    await putClaim(path, claim);
    const other = await findRival(path, claim);
    if (other === undefined) return { release: () => rm(join(path, claim), { force: true }) };
    // Of two that claim in the same moment both see a rival: both withdraw, and try again apart from each other.
    await rm(join(path, claim), { force: true });
    rival = other;
    await sleep(20 + Math.random() * 80);
  }
  throw alreadyRunning(path, rival);
}

async function putClaim(path: string, claim: string): Promise<void> {
  try {
    await writeFile(join(path, claim), '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyRunning(path, process.pid);
    throw error;
  }
}

/** @returns the pid of another live claimant; claims of the dead are removed on the way */
async function findRival(path: string, own: string): Promise<number | undefined> {
  let rival: number | undefined;
  for (const claim of await readdir(path)) {
    if (claim === own || pidOf(claim) === undefined) continue;
    if (isProcessRunning(claim)) rival = pidOf(claim);
    else await rm(join(path, claim), { force: true });
  }
  return rival;
}

function alreadyRunning(path: string, pid: number): ProcessError {
  return new ProcessError(
    'already_running',
    `${path} is held by process ${pid}; stop it first, or use another directory.`,
    { pid },
  );
}
