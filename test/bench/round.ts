import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import { encodingOf } from '#learning';
import type { RoundView } from '#protocol';

import { startStack, type Stack } from '../../apps/cli/src/stack/stack.js';
import { Researcher } from '../fixtures/researcher.js';
import { CpuWatch, parentOf } from './cpu-watch.js';
import { measureLimits } from './physical-limits.js';
import { RoundFleet } from './round-fleet.js';
import { peakOf, reportRounds, type DoneRound, type RoundBenchResult, type Server } from './round-report.js';
import { touchMemory } from './touch-memory.js';

export interface RoundBench {
  readonly clients: number;
  /** numbers in the model */
  readonly params: number;
  /** how updates travel; models always have four bytes a number */
  readonly encoding: BenchEncoding;
  /** one after another: in the first, much of what the processes run is not compiled yet */
  readonly rounds: number;
}

/** A grid that each encoding holds: what devices learn here is shorter than the clip. */
const GRIDS = {
  int32: { clip: 10, scale: 65_536 },
  int16: { clip: 2, scale: 16_000 },
  int8: { clip: 2, scale: 63 },
} as const;
export type BenchEncoding = keyof typeof GRIDS;
export const isBenchEncoding = (name: string): name is BenchEncoding => name in GRIDS;

const POLL_MS = 200;
const ROUND_MS = 600_000;
/** Of memory, for each byte of a round's updates: they are sent, received, stored, read and summed. */
const TOUCHED = 5;
/** Processes that wait for work look for it. */
const REST_MS = 4000;

/** Runs rounds of real devices through a Starling of its own and measures them. */
export async function benchRound(
  { clients, params, encoding, rounds }: RoundBench,
  onProgress: (text: string) => void,
): Promise<RoundBenchResult> {
  const directory = await mkdtemp(join(tmpdir(), 'starling-bench-'));
  await chmod(directory, 0o755);
  onProgress('starting');
  const stack = await startStack({ directory, onCrash: (name, message) => console.error(`${name}: ${message}`) });
  const fleet = new RoundFleet();
  try {
    const researcher = new Researcher(stack.urls.coordinator, stack.secrets.apiKey);
    const layout = [{ name: 'w', shape: [params] }];
    const wish = { layout, kMin: clients, slots: rounds, batch: rounds, encoding, ...GRIDS[encoding] };
    const { useCase } = await researcher.createUseCase(wish);
    const code = await researcher.enrolmentCode(useCase, clients);
    const { urls, secrets } = stack;
    onProgress('enrolling the devices');
    await fleet.start({ urls, deploymentKey: secrets.deploymentKey, useCase, code, clients, params });
    const watch = new CpuWatch({ ...(await serverPids(stack)), clients: fleet.pids });
    const { payloadLength } = encodingOf(encoding, params);
    const bytes = clients * payloadLength;
    const done: DoneRound[] = [];
    while (done.length < rounds) {
      onProgress(`round ${done.length + 1}: touching memory`);
      const touchSeconds = await touchMemory(TOUCHED * bytes);
      fleet.takePart((accepted) => onProgress(`round ${done.length + 1}: ${accepted} of ${clients} accepted`));
      const round = await Promise.race([runRound(researcher, useCase, clients), fleet.death()]);
      await bodiesDeleted(directory);
      done.push({ round, deleted: Date.now(), touchSeconds });
    }
    onProgress('measuring the servers at rest');
    await sleep(REST_MS);
    watch.stop();
    const { pids } = stack;
    const peaks = Object.entries({ ...pids, client: fleet.pids[0]! }).map(
      ([name, pid]) => [name, peakOf(pid)] as const,
    );

    onProgress('measuring the machine');
    await mkdir(join(directory, 'limits'));
    await touchMemory(TOUCHED * bytes);
    const limits = await measureLimits(join(directory, 'limits'), clients, payloadLength);
    return reportRounds({
      clients,
      params,
      encoding,
      bytes,
      done,
      watch,
      limits,
      peakMemoryMB: Object.fromEntries(peaks),
    });
  } finally {
    onProgress('stopping');
    fleet.stop();
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function runRound(researcher: Researcher, useCase: string, clients: number): Promise<RoundView> {
  const [id] = await researcher.startRounds(useCase, { min: clients, target: clients });
  for (const until = Date.now() + ROUND_MS; Date.now() < until; await sleep(POLL_MS)) {
    const round = await researcher.round(id!);
    if (round.state === 'published') return round;
    if (round.state === 'abandoned') throw new Error(`the round was abandoned: ${round.detail}`);
  }
  throw new Error('the round did not end');
}

async function serverPids({ pids, adminUrl }: Stack): Promise<Record<Server, readonly number[]>> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const postgresql = parentOf(rows[0]!.pid);
  await client.end();
  const { issuer, intake, coordinator, worker } = pids;
  return {
    issuer: [issuer],
    intake: [intake],
    coordinator: [coordinator],
    worker: [worker],
    postgresql: [postgresql],
  };
}

/** They are deleted once the model is published; their folders stay. */
async function bodiesDeleted(directory: string): Promise<void> {
  const files = async (): Promise<boolean> =>
    (await readdir(join(directory, 'bodies'), { recursive: true, withFileTypes: true })).some((entry) =>
      entry.isFile(),
    );
  while (await files()) await sleep(POLL_MS / 4);
}
