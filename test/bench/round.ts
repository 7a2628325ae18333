import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RoundView } from '#protocol';

import { startStack, type Stack } from '../../apps/cli/src/stack/stack.js';
import { Researcher } from '../fixtures/researcher.js';
import type { ClientOrder } from './round-client.js';

export interface RoundBench {
  readonly clients: number;
  /** numbers in the model */
  readonly params: number;
}

export interface RoundBenchResult extends RoundBench {
  /** from the round's opening to the published model, by the database's clock */
  readonly seconds: number;
  /** update bytes over the time from opening to freezing, MB/s (10^6) */
  readonly acceptedMBps: number;
  /** update bytes over the time from freezing to publishing, MB/s */
  readonly foldedMBps: number;
  /** largest resident memory of each process, MB */
  readonly peakMemoryMB: Readonly<Record<string, number>>;
}

const CLIENT_PROCESSES = 2;

/** Runs one round with prepared updates through a Starling of its own and measures it. */
export async function benchRound({ clients, params }: RoundBench): Promise<RoundBenchResult> {
  const directory = await mkdtemp(join(tmpdir(), 'starling-bench-'));
  await chmod(directory, 0o755);
  let fleet: readonly ChildProcess[] = [];
  const stack = await startStack({ directory, onCrash: (name, message) => console.error(`${name}: ${message}`) });
  try {
    const researcher = new Researcher(stack.urls.coordinator, stack.secrets.apiKey);
    const layout = [{ name: 'w', shape: [params] }];
    const { useCase } = await researcher.createUseCase({ layout, kMin: clients, slots: 1, batch: 1, scale: 65_536 });
    const code = await researcher.enrolmentCode(useCase, clients);
    fleet = await startClients(stack, { useCase, code, clients, params });
    const round = await Promise.race([runRound(researcher, useCase, clients), ...fleet.map(death)]);
    const seconds = (Date.parse(round.publishedAt!) - Date.parse(round.openedAt!)) / 1000;
    const peakMemoryMB = { ...peaks(stack), client: Math.max(...fleet.map(({ pid }) => peakOf(pid!))) };
    return { clients, params, seconds, ...rates(round, 4 * params * clients), peakMemoryMB };
  } finally {
    fleet.forEach((child) => child.removeAllListeners('exit').kill());
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

export function describeRound({
  clients,
  params,
  seconds,
  acceptedMBps,
  foldedMBps,
  peakMemoryMB,
}: RoundBenchResult): string {
  const memory = Object.entries(peakMemoryMB).map(([name, peak]) => `  ${name.padEnd(12)} ${peak} MB\n`);
  return (
    `${clients} devices × ${params} parameters: ${seconds.toFixed(2)} s from opening to the published model\n` +
    `  accepted at ${acceptedMBps} MB/s, folded at ${foldedMBps} MB/s\nlargest resident memory\n${memory.join('')}`
  );
}

async function runRound(researcher: Researcher, useCase: string, clients: number): Promise<RoundView> {
  const [round] = await researcher.startRounds(useCase, { min: clients, target: clients });
  return researcher.awaitRound(round!, 'published', 600_000);
}

/** Never fulfilled: a client process stays until it is ended. */
async function death(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`a client process ended with code ${code}`);
}

/** Two processes that hold the devices: enrolled, with tokens and updates, waiting for the round. */
async function startClients(stack: Stack, order: Omit<ClientOrder, 'urls' | 'deploymentKey'>): Promise<ChildProcess[]> {
  const each = Math.ceil(order.clients / CLIENT_PROCESSES);
  const shares = Array.from({ length: CLIENT_PROCESSES }, (_, i) => Math.min(each, order.clients - i * each)).filter(
    (n) => n > 0,
  );
  return Promise.all(
    shares.map(async (clients) => {
      const child = fork(new URL('./round-client.js', import.meta.url), {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      const ready = once(child, 'message');
      child.send({
        ...order,
        clients,
        urls: stack.urls,
        deploymentKey: stack.secrets.deploymentKey,
      } satisfies ClientOrder);
      await Promise.race([ready, death(child)]);
      return child;
    }),
  );
}

function rates(round: RoundView, bytes: number): Pick<RoundBenchResult, 'acceptedMBps' | 'foldedMBps'> {
  const [opened, frozen, published] = [round.openedAt!, round.frozenAt!, round.publishedAt!].map((time) =>
    Date.parse(time),
  );
  const rate = (from: number, to: number): number => Math.round(bytes / 1e3 / Math.max(1, to - from));
  return { acceptedMBps: rate(opened!, frozen!), foldedMBps: rate(frozen!, published!) };
}

const peaks = ({ pids }: Stack): Record<string, number> =>
  Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, peakOf(pid)]));

/** MB; Linux keeps the high-water mark. */
function peakOf(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes ?? 0) / 1024);
}
