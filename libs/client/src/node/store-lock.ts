import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ClientError } from '../errors.js';

/** A folder that is this process's alone. */
export interface StoreLock {
  /** Lets another process have it; safe to repeat. */
  release(): void;
}

/** What `open` takes for an exclusive lock of the file, by libuv; the kernel gives it back when the process ends. */
const EXCLUSIVE: Partial<Record<NodeJS.Platform, number>> = { darwin: 0x20, win32: 0x1000_0000 };
const HELD: ReadonlySet<string | undefined> = new Set(['EAGAIN', 'EWOULDBLOCK', 'EBUSY']);
/** A file system, or a machine without /proc, that has nothing to lock with. */
const UNABLE: ReadonlySet<string | undefined> = new Set([
  ...['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EINVAL', 'ENOENT'],
]);

const CLAIM = '.claim';
const DRAFT = '.claim-draft';
const TRIES = 5;

/**
 * Lets one process at a time use a folder, until it releases it or ends, however it ends. Nothing that a killed process
 * leaves behind holds anything: it is the kernel that gives a lock back, and no pid is compared. Where a folder cannot be
 * locked, it warns and goes on.
 *
 * @param directory  which is there
 * @throws ClientError `store_in_use` where another process has it
 */
export async function lockStore(directory: string): Promise<StoreLock> {
  const flag = EXCLUSIVE[process.platform];
  try {
    if (flag !== undefined) return lockFile(directory, flag);
    if (process.platform === 'linux') return await claimFolder(directory);
  } catch (error) {
    if (!UNABLE.has(codeOf(error))) throw error;
  }
  process.emitWarning(
    `The folder ${directory} cannot be locked here: see to it yourself that one program at a time uses it.`,
    { code: 'STARLING_STORE_NOT_LOCKED' },
  );
  return { release: () => undefined };
}

function lockFile(directory: string, flag: number): StoreLock {
  const { O_RDWR, O_CREAT, O_NONBLOCK } = constants;
  try {
    const file = openSync(join(directory, 'in-use.lock'), O_RDWR | O_CREAT | O_NONBLOCK | flag, 0o600);
    return { release: once(() => closeSync(file)) };
  } catch (error) {
    if (HELD.has(codeOf(error))) throw inUse(directory);
    throw error;
  }
}

/**
 * Linux has no such flag. Its sockets are known to the kernel, across containers that share the folder too: somebody
 * listens on a claim as long as its process lives, and on no other. Each process puts a claim down and then looks for others
 * that answer. A claim's name is never used twice, so removing one that nobody answers is always safe.
 */
async function claimFolder(directory: string): Promise<StoreLock> {
  const folder = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    // A socket's address has 107 bytes, and folders may have longer names.
    const near = `/proc/self/fd/${folder.fd}`;
    for (let tries = 0; tries < TRIES; tries++) {
      const claim = await putClaim(directory, near);
      if (claim !== undefined && !(await hasRival(directory, near, claim))) {
        await removeDrafts(directory);
        return claim;
      }
      // Of two that claim in one moment both see a rival: both withdraw, and try again apart from each other.
      claim?.release();
      await sleep(20 + 80 * Math.random());
    }
  } finally {
    await folder.close();
  }
  throw inUse(directory);
}

interface Claim extends StoreLock {
  readonly name: string;
}

/** It gets its name when it answers. @returns undefined where whoever has the folder took it for a draft of the dead */
async function putClaim(directory: string, near: string): Promise<Claim | undefined> {
  const id = randomBytes(12).toString('hex');
  const name = `${id}${CLAIM}`;
  const server = await listen(`${near}/${id}${DRAFT}`);
  try {
    await rename(join(directory, `${id}${DRAFT}`), join(directory, name));
  } catch (error) {
    server.close();
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const release = once(() => {
    rmSync(join(directory, name), { force: true });
    server.close();
  });
  return { name, release };
}

function listen(path: string): Promise<Server> {
  const server = createServer((asking) => asking.destroy());
  // It keeps no process alive.
  server.unref();
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen({ path, exclusive: true }, () => resolve(server));
  });
}

/** Whether somebody else has the folder, or is about to; claims of the dead are removed on the way. */
async function hasRival(directory: string, near: string, own: Claim): Promise<boolean> {
  let found = false;
  for (const name of await readdir(directory)) {
    if (!name.endsWith(CLAIM) || name === own.name) continue;
    if (await answers(`${near}/${name}`)) found = true;
    else await rm(join(directory, name), { force: true });
  }
  return found;
}

/** Also a process that is busy or stopped answers: the kernel does. What cannot be told counts as an answer. */
const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ path }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '')));
  });

/** By whoever has the folder alone: nobody else can be about to have it. */
async function removeDrafts(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    if (name.endsWith(DRAFT)) await rm(join(directory, name), { force: true });
}

const inUse = (directory: string): ClientError =>
  new ClientError(
    'store_in_use',
    `another program is the device in ${directory} now: stop it, or give this one a folder of its own`,
  );

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
