import { setTimeout as sleep } from 'node:timers/promises';

import type { RoundView } from '#protocol';

import { CliError, EXIT } from '../cli-error.js';
import type { CoordinatorClient } from '../coordinator-client.js';
import { isSettled } from '../output/round-board.js';
import type { Fleet, RoundTold } from './fleet.js';

const POLL_MS = 250;
/** The coordinator may be down for this long: it is started again when it crashes. */
const PATIENCE_MS = 60_000;
/** Refusals are counted in the database up to half a second after the answer. */
const COUNTING_MS = 5000;
const LAST_DEVICES_MS = 15_000;

export interface Following {
  readonly coordinator: CoordinatorClient;
  readonly useCase: string;
  readonly fleet: Pick<Fleet, 'misbehaved' | 'rounds' | 'done' | 'failed'>;
  readonly signal: AbortSignal;
}

/** Follows the rounds until all have ended and what the devices were told is counted. @returns how they ended */
export async function followRounds(
  following: Following,
  show: (rounds: readonly RoundView[]) => void,
): Promise<RoundView[]> {
  const { fleet, signal } = following;
  const rounds = await Promise.race([untilSettled(following, show), fleet.failed]);
  await Promise.race([fleet.done, fleet.failed, sleep(LAST_DEVICES_MS, undefined, { signal, ref: false })]);
  return untilCounted(following, rounds);
}

async function untilSettled(
  { coordinator, useCase, fleet, signal }: Following,
  show: Parameters<typeof followRounds>[1],
): Promise<RoundView[]> {
  let lastSeen = Date.now();
  for (;;) {
    const rounds = await coordinator.listRounds(useCase).catch((error: unknown) => {
      if (!isAway(error) || Date.now() - lastSeen > PATIENCE_MS) throw error;
      return undefined;
    });
    if (rounds !== undefined) {
      lastSeen = Date.now();
      show(rounds);
      refuseToHang(rounds, fleet.rounds);
      if (rounds.every((round) => isSettled(round, Date.now()))) return rounds;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** All devices are through with a round that is still open: it would only end at its deadline. @throws CliError */
function refuseToHang(rounds: readonly RoundView[], told: readonly RoundTold[]): void {
  for (const { slot, refused, skipped, failed } of told) {
    const round = rounds.find((one) => one.slot === slot);
    const why = Object.entries({ ...refused, ...skipped, ...failed }).map(([code, n]) => `${code} ${n}`);
    if (round?.state !== 'open' || round.accepted >= round.target || why.length === 0) continue;
    const missing = round.target - round.accepted;
    throw new CliError(
      EXIT.failed,
      `Round ${round.sequence} misses ${missing} updates of honest devices: ${why.join(', ')}.`,
    );
  }
}

async function untilCounted(
  { coordinator, useCase, fleet, signal }: Following,
  rounds: RoundView[],
): Promise<RoundView[]> {
  const told = fleet.misbehaved.filter(({ code }) => code !== null && code !== 'accepted').length;
  const late = AbortSignal.timeout(COUNTING_MS);
  let last = rounds;
  for (;;) {
    last = await coordinator.listRounds(useCase);
    const counted = last.flatMap(({ refusals }) => Object.values(refusals)).reduce((sum, n) => sum + n, 0);
    if (counted >= told || late.aborted) return last;
    await sleep(POLL_MS, undefined, { signal });
  }
}

const isAway = (error: unknown): boolean => error instanceof CliError && error.exitCode === EXIT.nothingRunning;
