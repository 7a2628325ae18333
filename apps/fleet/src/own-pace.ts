import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { ClientError, type Evaluate, type OpenRound, type Participation, type Train } from '#client';

import type { FleetConfig } from './config.js';
import { Random } from './data/index.js';
import type { FleetDevice } from './fleet-device.js';
import type { Report } from './report.js';
import type { EvaluationOf, TrainingOf } from './trainings.js';

type Pace = NonNullable<FleetConfig['pace']>;

interface Ports {
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface PacedFleet {
  readonly fleet: readonly FleetDevice[];
  readonly trainingOf: TrainingOf;
  readonly evaluationOf: EvaluationOf;
  /** rounds as they open */
  readonly openings: AsyncIterable<OpenRound>;
  readonly seed: number;
}

/** Lets every device live on its own until the signal: nobody waits for who trains for longer. */
export async function liveAtOwnPace(
  pace: Pace,
  { fleet, trainingOf, evaluationOf, openings, seed }: PacedFleet,
  ports: Ports,
): Promise<void> {
  setMaxListeners(0, ports.signal); // each training listens to it
  const opened = new LastOpened();
  const times = trainingTimes(pace, fleet.length, seed);
  const lives = fleet.map((device) =>
    live(
      device,
      { train: atPace(trainingOf(device), times[device.index]!, ports.signal), evaluate: evaluationOf(device) },
      opened,
      ports,
    ),
  );
  for await (const round of openings) opened.set(round);
  opened.end();
  await Promise.all(lives);
}

/** How long each device trains, ms: the same for the same seed. */
export function trainingTimes(
  { trainingMs, spread, stragglers, slowdown }: Pace,
  devices: number,
  seed: number,
): readonly number[] {
  const random = new Random(seed, 'stragglers');
  const order = random.shuffle(Uint32Array.from({ length: devices }, (_, i) => i));
  const slow = new Set(order.subarray(0, Math.round(stragglers * devices)));
  return Array.from({ length: devices }, (_, i) => {
    const own = trainingMs * (1 + spread * random.uniform());
    return slow.has(i) ? own * slowdown : own;
  });
}

/** A training that takes so long, or as long as it really does if that is more. */
const atPace =
  (train: Train, ms: number, signal: AbortSignal): Train =>
  async (input) => {
    const [trained] = await Promise.all([train(input), sleep(ms, undefined, { signal })]);
    return trained;
  };

/** After these there is nothing to do before another round opens; after anything else there may be. */
const IDLE: ReadonlySet<string> = new Set([
  ...['no_open_round', 'too_few_tokens', 'no_token', 'token_too_new', 'already_submitted', 'no_evaluation'],
]);

async function live(
  { index, device }: FleetDevice,
  { train, evaluate }: { readonly train: Train; readonly evaluate: Evaluate },
  opened: LastOpened,
  { report, signal }: Ports,
): Promise<void> {
  while (!signal.aborted) {
    const last = opened.last;
    const { outcome, staleness } = await turn(device.participate(train, { evaluate }), signal);
    if (IDLE.has(outcome)) await opened.another(last);
    else report({ type: 'turn', device: index, outcome, staleness });
  }
}

/** What the fleet's end interrupts is no news. */
async function turn(
  participation: Promise<Participation>,
  signal: AbortSignal,
): Promise<{ outcome: string; staleness: number }> {
  try {
    const result = await participation;
    if (result.outcome === 'skipped') return { outcome: result.reason, staleness: 0 };
    const { staleness = 0 } = result;
    return { outcome: result.outcome === 'refused' ? result.code : result.outcome, staleness };
  } catch (error) {
    if (signal.aborted) return { outcome: 'no_open_round', staleness: 0 };
    if (!(error instanceof ClientError)) throw error;
    await sleep(TROUBLE_MS);
    return { outcome: error.code, staleness: 0 };
  }
}

/** The coordinator may be restarting. */
const TROUBLE_MS = 500;

/** The round that opened last, for all who wait for the next. */
class LastOpened {
  last: OpenRound | undefined;
  #isOver = false;
  #waiting: (() => void)[] = [];

  set(round: OpenRound): void {
    this.last = round;
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Until another round than this one has opened, or there will be none. */
  async another(than: OpenRound | undefined): Promise<void> {
    while (!this.#isOver && this.last === than) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
