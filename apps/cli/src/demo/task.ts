import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { z } from 'zod';

import { Supervisor } from '#process';

import type { Lifetime } from '../lifetime.js';

const Training = z.object({
  rounds: z.int().min(1),
  /** for the fleet, as it is */
  training: z.unknown(),
  /** what computes: `tensorflow` or `wasm` */
  backend: z.string(),
});

/** What the devices' side brings: a use case's file, and how it is trained. */
export interface Task extends z.infer<typeof Training> {
  /** `use-case.json`, with the files it names beside it */
  readonly file: string;
  /** The files are uploaded: they can go. */
  discard(): Promise<void>;
}

export interface TaskOptions {
  readonly model: string;
  readonly seed: number;
  readonly cacheDirectory: string;
}

/** Has the fleet's own program write the task's files; they are gone when the command ends, at the latest. */
export async function prepareTask(lifetime: Lifetime, options: TaskOptions): Promise<Task> {
  const directory = await mkdtemp(join(tmpdir(), 'starling-demo-'));
  const supervisor = new Supervisor();
  const discard = (): Promise<void> => rm(directory, { recursive: true, force: true });
  lifetime.atEnd(async () => {
    await supervisor.stopAll();
    await discard();
  });
  await supervisor.start({
    name: 'preparation',
    module: new URL('../../../fleet/src/prepare.js', import.meta.url),
    env: { STARLING_TASK: JSON.stringify({ ...options, directory }) },
    readyTimeoutMs: 60_000,
  });
  await supervisor.stopAll();
  const training = Training.parse(JSON.parse(await readFile(join(directory, 'training.json'), 'utf8')));
  return { ...training, file: join(directory, 'use-case.json'), discard };
}
