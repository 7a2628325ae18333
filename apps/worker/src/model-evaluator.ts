import type { ModelStore } from '#storage/bodies';
import type { Models } from '#storage/rounds';

import type { EvaluationTask } from './evaluation.worker.js';

/** Gives a model version its figures, once. */
export class ModelEvaluator {
  constructor(
    private readonly models: Models,
    private readonly files: ModelStore,
    private readonly measure: (task: EvaluationTask) => Promise<{ accuracy: number; loss: number }>,
  ) {}

  async evaluate(useCase: string, version: number): Promise<void> {
    const model = (await this.models.unevaluated()).find((m) => m.useCase === useCase && m.version === version);
    if (model === undefined) return;
    const [bytes, topology, evaluationSet] = await Promise.all(
      [model.digest, model.topology, model.evaluationSet].map((digest) => this.files.get(digest)),
    );
    if (bytes === undefined || topology === undefined || evaluationSet === undefined) return;
    await this.models.setFigures(useCase, version, await this.measure({ model: bytes, topology, evaluationSet }));
  }
}
