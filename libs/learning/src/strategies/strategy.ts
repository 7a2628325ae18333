import { LearningError } from '../errors.js';
import type { Aggregator } from './aggregator.js';
import type { ServerOptimizer } from './server-optimizer.js';

/** How a round's updates become the next model. Pure: the same cohort, model and state make the same bytes. */
export interface Strategy {
  readonly aggregator: Aggregator;
  readonly optimizer: ServerOptimizer;
  /** what the updates of its tasks may weigh, where that is the strategy's to say; else the task says it */
  readonly weightLevels?: readonly number[];
}

/** The fewest updates that a strategy can make a model of. */
export const leastCohort = ({ aggregator }: Strategy): number =>
  aggregator.reads === 'sum' ? 1 : (aggregator.least ?? 1);

/** Which strategy a task has: a name, and beside it numbers by their names, as `{ name: 'FedAdam', tau: 0.01 }`. */
export type StrategyChoice = { readonly name: string } & { readonly [option: string]: string | number };

/** A strategy that tasks can choose: everything that there is to know of it, in one file. */
export interface StrategyKind<Option extends string = string> {
  /** what a task calls it */
  readonly name: string;
  /** the options there are, by their names; `undefined` for one that has no default */
  readonly options: Readonly<Record<Option, number | undefined>>;
  /** @throws LearningError `bad_strategy` for options it cannot work with */
  make(options: Readonly<Record<Option, number>>): Strategy;
}

/** Lets TypeScript know the options by their names. */
export const defineStrategy = <Option extends string = never>(kind: StrategyKind<Option>): StrategyKind =>
  kind as unknown as StrategyKind;

/** The strategies of a deployment: those of the book, and a researcher's own. */
export class Strategies {
  readonly #kinds: ReadonlyMap<string, StrategyKind>;

  /** @throws LearningError `bad_strategy` where two have one name */
  constructor(kinds: readonly StrategyKind[]) {
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind]));
    if (this.#kinds.size < kinds.length) throw new LearningError('bad_strategy', 'two strategies have one name');
  }

  /** Those of the book first. */
  get kinds(): readonly StrategyKind[] {
    return [...this.#kinds.values()];
  }

  get names(): readonly string[] {
    return [...this.#kinds.keys()];
  }

  /** @throws LearningError `bad_strategy`, in a sentence that names what there is */
  make({ name, ...given }: StrategyChoice): Strategy {
    const kind = this.#kinds.get(name);
    if (kind === undefined) {
      throw new LearningError('bad_strategy', `There is no strategy ${name}. There are ${this.names.join(', ')}.`);
    }
    const known = Object.keys(kind.options);
    const stranger = Object.keys(given).find((option) => !known.includes(option));
    if (stranger !== undefined) {
      throw new LearningError(
        'bad_strategy',
        `${name} has no option ${stranger}. It has ${known.join(', ') || 'none'}.`,
      );
    }
    const options = { ...kind.options, ...given };
    const missing = known.find((option) => typeof options[option] !== 'number');
    if (missing !== undefined) throw new LearningError('bad_strategy', `${name} needs a number for ${missing}.`);
    return kind.make(options as Record<string, number>);
  }
}
