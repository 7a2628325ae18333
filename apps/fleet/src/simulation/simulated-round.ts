import {
  encodeInt32LE,
  GridCheck,
  l2Norm,
  LearningError,
  proximalMu,
  toGrid,
  type Aggregator,
  type Grid,
} from '#learning';

import { Random } from '../data/index.js';
import type { TrainingPool } from '../training/index.js';
import { gatherFor, type SimulatedCohort } from './cohort.js';
import { Moments } from './honest-updates.js';
import { attackOf, type SimulatedDevice } from './population.js';
import type { RunSettings } from './scenario.js';
import { TASKS } from './tasks.js';

export interface Asked {
  readonly round: number;
  /** float32, layout order */
  readonly parameters: Float32Array;
  readonly devices: readonly SimulatedDevice[];
}

/** What the devices of one round did. */
export interface Collected {
  readonly cohort: SimulatedCohort;
  readonly refused: Readonly<Record<string, number>>;
  readonly vanished: number;
  readonly late: number;
  readonly clipped: number;
  /** accepted updates that say that they were within the clip */
  readonly within: number;
  /** L2 norms of honest updates before the clip, sorted */
  readonly norms: readonly number[];
  readonly duration: number;
}

/** One round from its opening until its updates are counted: devices train, clip, round to the grid and are checked. */
export class SimulatedRound {
  readonly #grid: Grid;
  readonly #cohort: SimulatedCohort;
  readonly #honest: Moments | undefined;
  readonly #refused: Record<string, number> = {};
  readonly #norms: number[] = [];
  #within = 0;

  constructor(
    private readonly settings: RunSettings,
    private readonly asked: Asked,
    aggregator: Aggregator,
  ) {
    this.#grid = { scale: settings.scale, clip: settings.clip };
    this.#cohort = gatherFor(aggregator, this.#grid, asked.parameters.length);
    if (attackOf(settings)?.collude !== undefined) this.#honest = new Moments(asked.parameters.length);
  }

  async collect(pool: Pick<TrainingPool, 'train'>): Promise<Collected> {
    const { deadline = Infinity, clip } = this.settings;
    const present = this.#present();
    const inTime = present.filter(({ device }) => device.pace <= deadline);
    const collude = attackOf(this.settings)?.collude;
    const trains = ({ device }: Placed): boolean => !device.isAttacker || collude === undefined;
    await Promise.all(inTime.filter(trains).map((placed) => this.#participate(placed, pool)));
    if (collude !== undefined) this.#collude(inTime.filter((placed) => !trains(placed)));
    const slowest = Math.max(0, ...inTime.map(({ device }) => device.pace));
    const late = present.length - inTime.length;
    return {
      cohort: this.#cohort,
      refused: this.#refused,
      vanished: this.asked.devices.length - present.length,
      late,
      clipped: this.#norms.filter((norm) => norm > clip).length,
      within: this.#within,
      norms: this.#norms.sort((a, b) => a - b),
      duration: late > 0 ? deadline : slowest,
    };
  }

  /** Those that do not vanish, with their places in the list. */
  #present(): Placed[] {
    const { dropouts, seed } = this.settings;
    const random = new Random(seed, 'dropouts', this.asked.round);
    return this.asked.devices.flatMap((device, place) => (random.uniform() < dropouts ? [] : [{ device, place }]));
  }

  async #participate({ device, place }: Placed, pool: Pick<TrainingPool, 'train'>): Promise<void> {
    const { settings, asked } = this;
    const trained = await pool.train({
      topology: TASKS[settings.task].topology,
      parameters: asked.parameters,
      examples: device.examples,
      settings: {
        ...settings.training,
        proximalMu: proximalMu(settings.strategy),
        seed: `${settings.seed}/${asked.round}/${device.index}`,
      },
    });
    const delta = trained.map((value, j) => value - asked.parameters[j]!);
    if (device.isAttacker) return this.#submit(place, this.#forge(delta, device), true);
    this.#norms.push(l2Norm(delta));
    this.#submit(place, delta, false);
  }

  #forge(delta: Float32Array, { index }: SimulatedDevice): Float32Array {
    const { strength, forge } = attackOf(this.settings)!;
    const random = new Random(this.settings.seed, 'forge', this.asked.round, index);
    return forge === undefined ? delta : forge(delta, this.settings.attackers!.strength ?? strength, random);
  }

  #collude(attackers: readonly Placed[]): void {
    const { strength } = this.settings.attackers!;
    const honest = this.#honest!.inRealUnits(this.#grid.scale);
    const delta = attackOf(this.settings)!.collude!(honest, attackers.length, strength);
    for (const { place } of attackers) this.#submit(place, delta, true);
  }

  /** The clip and the grid on the device, then the check at intake. */
  #submit(place: number, delta: Float32Array, byAttacker: boolean): void {
    const clips = !byAttacker || this.settings.attackers!.clip;
    try {
      const q = clips ? toGrid(delta, this.#grid) : withoutClip(delta, this.#grid);
      const check = new GridCheck(this.#grid, q.length);
      check.push(encodeInt32LE(q));
      check.finish();
      this.#cohort.add(place, q);
      if (l2Norm(delta) <= this.#grid.clip) this.#within += 1;
      if (!byAttacker) this.#honest?.add(q);
    } catch (error) {
      if (!(error instanceof LearningError)) throw error;
      this.#refused[error.code] = (this.#refused[error.code] ?? 0) + 1;
    }
  }
}

interface Placed {
  readonly device: SimulatedDevice;
  readonly place: number;
}

/** As many bits as travel: what is larger stays at the largest. */
function withoutClip(delta: Float32Array, { scale }: Grid): Int32Array {
  return Int32Array.from(delta, (value) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.round(value * scale))));
}
