import { evaluate, modelFromTopology, setParameters, type LayersModel } from '#tensorflow';

import { selectExamples, toInput, type Examples } from '../data/index.js';
import type { Attack } from './attacks/index.js';
import type { Task } from './tasks.js';

export interface Examined {
  readonly accuracy: number;
  readonly loss: number;
  readonly attackSuccess: number | null;
}

/** Says how good a model is on examples that no device has, and how well it obeys a backdoor's mark. */
export class Examiner {
  readonly #images: Float32Array;
  readonly #labels: Uint8Array;
  readonly #marked: { readonly images: Float32Array; readonly labels: Uint8Array } | null;

  private constructor(
    private readonly model: LayersModel,
    test: Examples,
    attack: Attack | undefined,
  ) {
    this.#images = toInput(test.inputs);
    this.#labels = test.labels;
    this.#marked = attack?.trigger === undefined ? null : marked(test, attack.trigger);
  }

  static async open({ topology }: Task, test: Examples, attack: Attack | undefined): Promise<Examiner> {
    return new Examiner(await modelFromTopology(topology), test, attack);
  }

  examine(parameters: Float32Array): Examined {
    setParameters(this.model, parameters);
    const { accuracy, loss } = evaluate(this.model, this.#images, this.#labels);
    const obeyed = this.#marked && evaluate(this.model, this.#marked.images, this.#marked.labels).accuracy;
    return { accuracy, loss, attackSuccess: obeyed };
  }

  close(): void {
    this.model.dispose();
  }
}

/** Marked examples that are not of the target's class, each with the label that the attackers want. */
function marked(test: Examples, { mark, target }: NonNullable<Attack['trigger']>) {
  const others = [...test.labels.keys()].filter((i) => test.labels[i] !== target);
  const { inputs, labels } = mark(selectExamples(test, others));
  return { images: toInput(inputs), labels: labels.map(() => target) };
}
