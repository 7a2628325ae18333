import { selectExamples, type Examples } from '../data/index.js';
import type { TrainingPool } from '../training/index.js';
import type { RunSettings } from './run-settings.js';
import { TASKS } from './tasks.js';

/** What the devices train, and how often. */
export type Trained = Pick<RunSettings, 'task' | 'seed' | 'devices' | 'rounds' | 'training'> &
  Partial<Pick<RunSettings, 'cohort' | 'examples'>>;

/** What the same training comes to where all examples are in one place: how much it costs that they are not. */
export class Centralised {
  readonly #trained = new Map<string, Promise<Float32Array>>();

  constructor(private readonly pool: Pick<TrainingPool, 'train'>) {}

  /**
   * As many passes over all examples as the devices make over theirs; once, for runs that differ in other things.
   *
   * @param train  what devices may be given
   * @returns float32, layout order
   */
  train(settings: Trained, train: Examples): Promise<Float32Array> {
    const { task, seed, devices, cohort = devices, rounds, training, examples = train.labels.length } = settings;
    const localEpochs = Math.max(1, Math.round((training.localEpochs * rounds * cohort) / devices));
    const key = JSON.stringify([task, seed, training, localEpochs, examples]);
    const trained =
      this.#trained.get(key) ?? this.#train({ ...settings, training: { ...training, localEpochs } }, train);
    this.#trained.set(key, trained);
    return trained;
  }

  #train({ task, seed, training, examples }: Trained, train: Examples): Promise<Float32Array> {
    const { topology, initialParameters } = TASKS[task];
    const all = selectExamples(
      train,
      Uint32Array.from({ length: examples ?? train.labels.length }, (_, i) => i),
    );
    const settings = { ...training, seed: `${seed}/centralised` };
    return this.pool.train({ topology, parameters: initialParameters(seed), examples: all, settings });
  }
}
