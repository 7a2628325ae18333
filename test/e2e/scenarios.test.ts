import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

const CLI = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));
const SMALL = {
  ...{ title: 'A test', task: 'digits-softmax', devices: 6, rounds: 2, examples: 240, clip: 2, jitterMs: 0 },
  ...{ centralised: false, goal: 0.2 },
};

let directory: string;
let temporary: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-scenarios-test-'));
  temporary = join(directory, 'tmp');
  await mkdir(temporary);
  // as root, PostgreSQL runs as another user and has to get in
  for (const path of [directory, temporary]) await chmod(path, 0o755);
});
afterAll(() => rm(directory, { recursive: true }));

/** With a directory for temporary files in which one sees what is left, and a database that must not be used. */
async function simulate(scenario: object): Promise<ChildProcess> {
  await writeFile(join(directory, 'scenario.json'), JSON.stringify(scenario));
  const DATABASE_URL = 'postgres://nobody@127.0.0.1:1/of-somebody-else';
  const env = { PATH: process.env['PATH'], TMPDIR: temporary, DATABASE_URL };
  return spawn(process.execPath, [CLI, 'simulate', 'scenario.json', '--json'], { cwd: directory, env });
}

interface Result {
  readonly runs: readonly {
    readonly labels: { readonly how: string };
    readonly rounds: readonly (Readonly<Record<string, unknown>> & { readonly seconds: number | null })[];
    readonly goalSeconds: number | null;
    readonly goalRatio: number | null;
  }[];
}

// Kills: a run that never leaves its process; attackers, or anybody, whose updates reach the sum in another way than by
// socket and through intake's checks; devices that train by another seed or on other examples than in memory.
it('[SCN30] [SCN33] through real processes a run comes to the very figures that it comes to in memory, and the clock', async () => {
  const attackers = { kind: 'backdoor', share: 0.2, strength: 3 };
  const tooLong = { rounds: 1, attackers: { kind: 'scaled', share: 0.34, strength: 1000, clip: false } };
  // One more than there will be, so that the round stays open for those who are refused.
  const untilDeadline = { target: 5, trainingMs: 100, deadline: 150 };
  const how = {
    memory: { attackers },
    processes: { attackers, transport: 'processes' },
    'unclipped, memory': tooLong,
    unclipped: { ...tooLong, transport: 'processes', ...untilDeadline },
  };
  const child = await simulate({ ...SMALL, runs: { how } });
  const [out, error] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')]);
  expect(error).toBe('');
  const { runs } = JSON.parse(out) as Result;
  const run = (name: string) => runs.find(({ labels }) => labels.how === name)!;
  const figuresOf = (name: string) =>
    run(name).rounds.map(({ accuracy, loss, attackSuccess, asked, accepted, refused, norm }) => {
      return { accuracy, loss, attackSuccess, asked, accepted, refused, norm };
    });
  expect(figuresOf('processes')).toEqual(figuresOf('memory'));
  expect(figuresOf('unclipped')).toEqual(figuresOf('unclipped, memory'));
  expect(figuresOf('unclipped')[0]).toMatchObject({ asked: 6, accepted: 4, refused: { out_of_range: 2 } });
  for (const { labels, rounds } of runs) {
    const isTimed = rounds.map(({ seconds }) => seconds !== null && seconds > 0);
    expect([labels.how, ...isTimed]).toEqual([labels.how, ...rounds.map(() => !labels.how.includes('memory'))]);
  }
  expect(run('processes').goalSeconds).toBeGreaterThan(0);
  expect(run('memory').goalSeconds).toBeNull();
  expect(await readdir(temporary)).toEqual([]);
}, 240_000);

// Kills: a temporary directory that an interrupted command leaves behind.
it('[SCN33] an interrupted scenario leaves nothing behind', async () => {
  const child = await simulate({ ...SMALL, transport: 'processes' });
  while ((await readdir(temporary)).length === 0) await sleep(20);
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
  expect(await readdir(temporary)).toEqual([]);
}, 120_000);
