import { encodingOf, l2Norm, LearningError, SEED_BYTES, seededBytes, type Aggregator, type Encoding } from '#learning';

import type { TrainingPool } from '../training/index.js';
import { gatherFor, type SimulatedCohort } from './cohort.js';
import { changeOf, doWork, payloadOf, payloadWithoutClip, type Work } from './device-work.js';
import { Moments } from './honest-updates.js';
import { attackOf, whoStays, type SimulatedDevice } from './population.js';
import type { RunSettings } from './run-settings.js';

export interface Asked extends Work {
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
  readonly #encoding: Encoding;
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
    const dimension = asked.parameters.length;
    this.#encoding = encodingOf(settings.encoding, dimension);
    this.#cohort = gatherFor(aggregator, { scale: settings.scale, clip: settings.clip }, dimension);
    if (attackOf(settings)?.collude !== undefined) this.#honest = new Moments(dimension);
  }

  async collect(pool: Pick<TrainingPool, 'train'>): Promise<Collected> {
    const { deadline = Infinity, clip } = this.settings;
    const present = whoStays(this.settings, this.asked.round, this.asked.devices).map(([place, device]) => ({
      place,
      device,
    }));
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

  async #participate({ device, place }: Placed, pool: Pick<TrainingPool, 'train'>): Promise<void> {
    const { trained, sent } = await doWork(this.settings, this.asked, { device, pool });
    if (!device.isAttacker) this.#norms.push(l2Norm(changeOf(trained, this.asked.parameters)));
    this.#submit({ device, place }, sent);
  }

  #collude(attackers: readonly Placed[]): void {
    const { strength } = this.settings.attackers!;
    const honest = this.#honest!.inRealUnits(this.settings.scale);
    const delta = attackOf(this.settings)!.collude!(honest, attackers.length, strength);
    const sent = delta.map((value, j) => this.asked.parameters[j]! + value);
    for (const placed of attackers) this.#submit(placed, sent);
  }

  /** The clip and the grid on the device, then the check at intake. */
  #submit({ device, place }: Placed, sent: Float32Array): void {
    const { settings, asked } = this;
    const clips = !device.isAttacker || settings.attackers!.clip;
    const update = { sent, parameters: asked.parameters };
    // The lots of a real device are nobody's to draw again; these follow from the seed as everything here.
    const lots = seededBytes(new Uint8Array(SEED_BYTES), 'lots', settings.seed, asked.round, device.index);
    try {
      const payload = clips ? payloadOf(settings, update, lots) : payloadWithoutClip(settings, update);
      const check = this.#encoding.check({ scale: settings.scale, clip: settings.clip });
      check.push(payload);
      check.finish();
      const q = this.#encoding.decode(payload);
      this.#cohort.add(place, q);
      if (l2Norm(changeOf(sent, asked.parameters)) <= settings.clip) this.#within += 1;
      if (!device.isAttacker) this.#honest?.add(q);
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
