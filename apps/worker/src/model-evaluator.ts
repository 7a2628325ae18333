import type { ModelStore } from '#storage/bodies';
import type { Figures, Models, UnevaluatedModel } from '#storage/rounds';

import type { EvaluationTask } from './evaluation.worker.js';
import { JobError } from './why-it-failed.js';

/** Gives a model version its figures, once. */
export class ModelEvaluator {
  constructor(
    private readonly models: Models,
    private readonly files: ModelStore,
    private readonly measure: (task: EvaluationTask) => Promise<{ accuracy: number; loss: number }>,
  ) {}

  /** @param isLast  of its tries: what cannot be measured then stays without figures, or it would be tried for ever */
  async evaluate(useCase: string, version: number, { isLast }: { isLast: boolean }): Promise<void> {
    const model = (await this.models.unevaluated()).find((m) => m.useCase === useCase && m.version === version);
    if (model === undefined) return;
    const figures = await this.#figures(model).catch((error: unknown) => {
      if (!isLast) throw error;
      return { accuracy: null, loss: null };
    });
    await this.models.setFigures(useCase, version, figures);
  }

  async #figures(model: UnevaluatedModel): Promise<Figures> {
    const [bytes, topology, evaluationSet] = await Promise.all(
      [model.digest, model.topology, model.evaluationSet].map((digest) => this.files.get(digest)),
    );
    if (bytes === undefined || topology === undefined || evaluationSet === undefined)
      throw new JobError('a file of this model is not in the store');
    return this.measure({ model: bytes, topology, evaluationSet });
  }
}
