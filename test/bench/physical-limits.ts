import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { join } from 'node:path';

/** Seconds of CPU, user and system, that this machine takes for the least that can be done with some bytes. */
export interface PhysicalLimits {
  /** from memory to memory */
  readonly memcpy: number;
  readonly sha256: number;
  /** from one end of a TCP connection to the other; both ends counted */
  readonly loopback: number;
  /** to files and to the disk */
  readonly fsync: number;
  /** from files that are in the system's cache */
  readonly read: number;
}

const PIECE_BYTES = 2 ** 18;

/** @param files  so many of `bytes` each */
export async function measureLimits(directory: string, files: number, bytes: number): Promise<PhysicalLimits> {
  const body = randomFillSync(Buffer.alloc(bytes));
  const copy = Buffer.alloc(bytes, 1);
  const paths = Array.from({ length: files }, (_, i) => join(directory, `limit-${i}`));
  return {
    memcpy: await cpuOf(() => paths.forEach(() => body.copy(copy))),
    sha256: await cpuOf(() => paths.forEach(() => createHash('sha256').update(body).digest())),
    loopback: await cpuOf(() => throughLoopback(body, files)),
    fsync: await cpuOf(() => eachOf(paths, (path) => toDisk(path, body))),
    read: await cpuOf(() => eachOf(paths, (path) => fromDisk(path, copy))),
  };
}

/** Of the whole process: other threads work for it, too. */
async function cpuOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function throughLoopback(body: Buffer, times: number): Promise<void> {
  let received = 0;
  const server = createServer((socket) => socket.on('data', (bytes) => (received += bytes.length)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
  for (let i = 0; i < times; i++) {
    for (let at = 0; at < body.length; at += PIECE_BYTES) {
      if (!socket.write(body.subarray(at, at + PIECE_BYTES))) await once(socket, 'drain');
    }
  }
  socket.end();
  await once(socket, 'close');
  await once(server.close(), 'close');
  if (received !== times * body.length) throw new Error('the loopback lost bytes');
}

async function toDisk(path: string, body: Buffer): Promise<void> {
  const file = await open(path, 'w');
  await file.writeFile(body);
  await file.datasync();
  await file.close();
}

async function fromDisk(path: string, into: Buffer): Promise<void> {
  const file = await open(path);
  await file.read(into, 0, into.length, 0);
  await file.close();
}

async function eachOf(paths: readonly string[], work: (path: string) => Promise<void>): Promise<void> {
  for (const path of paths) await work(path);
}
