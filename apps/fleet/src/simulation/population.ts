import { deal, Random, selectExamples, type Examples } from '../data/index.js';
import { ATTACKS, type Attack } from './attacks/index.js';
import type { RunSettings } from './run-settings.js';

/** What is fixed of a device before the first round. */
export interface SimulatedDevice {
  readonly index: number;
  /** what it trains on: poisoned already, where it is an attacker that poisons */
  readonly examples: Examples;
  readonly isAttacker: boolean;
  /** how long its training takes */
  readonly pace: number;
}

/** Everybody: who has which examples, who attacks and who is slow follows from the seed. */
export function populate(settings: RunSettings, train: Examples): SimulatedDevice[] {
  const { devices, seed, examples = train.labels.length, partition, minimum, attackers, spread, stragglers } = settings;
  if (examples > train.labels.length)
    throw new RangeError(`there are ${train.labels.length} examples, not ${examples}`);
  const dealt = selectExamples(
    train,
    Uint32Array.from({ length: examples }, (_, i) => i),
  );
  const hands = deal(partition, dealt, { devices, seed, minimum });
  const attacking = drawDevices(devices, attackers?.share ?? 0, new Random(seed, 'attackers'));
  const slow = drawDevices(devices, stragglers?.share ?? 0, new Random(seed, 'stragglers'));
  const times = new Random(seed, 'pace');
  const { poison } = attackOf(settings) ?? {};
  return hands.map((hand, index) => {
    const own = selectExamples(dealt, hand);
    const isAttacker = attacking.has(index);
    return {
      index,
      isAttacker,
      examples: isAttacker && poison !== undefined ? poison(own, new Random(seed, 'poison', index)) : own,
      pace: (1 + spread * times.uniform()) * (slow.has(index) ? stragglers!.factor : 1),
    };
  });
}

export const attackOf = ({ attackers }: Pick<RunSettings, 'attackers'>): Attack | undefined =>
  attackers === undefined ? undefined : ATTACKS[attackers.kind];

/** The share of all devices, to the nearest device. */
function drawDevices(devices: number, share: number, random: Random): ReadonlySet<number> {
  const deck = random.shuffle(Uint32Array.from({ length: devices }, (_, i) => i));
  return new Set(deck.subarray(0, Math.round(share * devices)));
}

/** Of those asked in a round the ones that do not vanish, with their places in the list. */
export function whoStays<T>(
  { dropouts, seed }: Pick<RunSettings, 'dropouts' | 'seed'>,
  round: number,
  asked: readonly T[],
): (readonly [place: number, who: T])[] {
  const random = new Random(seed, 'dropouts', round);
  return asked.flatMap((who, place) => (random.uniform() < dropouts ? [] : [[place, who] as const]));
}

/** Who is asked, round after round. */
export class Selection {
  readonly #left: Float64Array;

  constructor(private readonly settings: RunSettings) {
    this.#left = new Float64Array(settings.devices).fill(settings.quota ?? Infinity);
  }

  /** At random; where tokens are counted, of those with the most left, so that they last for all rounds. */
  next(round: number): number[] {
    const { devices, cohort = devices, seed } = this.settings;
    const deck = new Random(seed, 'cohort', round).shuffle(Uint32Array.from({ length: devices }, (_, i) => i));
    const chosen = [...deck].sort((a, b) => this.#order(a, b)).slice(0, cohort);
    for (const device of chosen) this.#left[device]! -= 1;
    return chosen;
  }

  #order(a: number, b: number): number {
    // Infinity − Infinity is NaN: nobody's tokens are counted then.
    return this.#left[b]! - this.#left[a]! || 0;
  }
}
