import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { identifyProcess, isProcessRunning } from '#process';

import { jsonOrNothing } from '../json-or-nothing.js';

const FILE = 'running.json';

const Running = z.object({
  coordinator: z.url(),
  issuer: z.url(),
  intake: z.url(),
  worker: z.url(),
  /** Ed25519 public key that devices pin, hex */
  deploymentKey: z.string(),
  pid: z.int(),
  /** the pid, its start and the boot: a pid alone may be another process by now */
  process: z.string(),
});
/** What runs in a directory, and where. */
export type Running = Readonly<z.infer<typeof Running>>;

export async function writeRunning(directory: string, urls: Omit<Running, 'pid' | 'process'>): Promise<void> {
  const running: Running = { ...urls, pid: process.pid, process: identifyProcess()! };
  const draft = join(directory, `${FILE}.${process.pid}`);
  await writeFile(draft, `${JSON.stringify(running, undefined, 2)}\n`, { mode: 0o600 });
  await rename(draft, join(directory, FILE));
}

export async function removeRunning(directory: string): Promise<void> {
  await rm(join(directory, FILE), { force: true });
}

/** @returns undefined when nothing runs there; what a killed process left behind does not count */
export async function readRunning(directory: string): Promise<Running | undefined> {
  const text = await readFile(join(directory, FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const running = Running.safeParse(jsonOrNothing(text));
  return running.success && isProcessRunning(running.data.process) ? running.data : undefined;
}
