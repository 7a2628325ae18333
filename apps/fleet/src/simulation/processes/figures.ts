import type { RoundView } from '#protocol';

import type { Examined, Examiner } from '../examiner.js';
import { attackOf } from '../population.js';
import type { RunSettings } from '../run-settings.js';
import { TASKS } from '../tasks.js';
import type { ResearcherApi } from './researcher-api.js';

/** How good the models are: as the worker measured them, and what it does not measure. */
export class Figures {
  #last: Examined;

  constructor(
    private readonly settings: RunSettings,
    private readonly researcher: ResearcherApi,
    private readonly examiner: Examiner,
  ) {
    this.#last = examiner.examine(TASKS[settings.task].initialParameters(settings.seed));
  }

  /** Of the model after the round: of the one before where there is none. */
  async of({ modelOut, accuracy, loss }: RoundView): Promise<Examined> {
    if (modelOut === null) return this.#last;
    const hasMark = attackOf(this.settings)?.trigger !== undefined;
    const needed = hasMark || accuracy === null;
    const ours = needed ? this.examiner.examine(await this.researcher.model(modelOut)) : undefined;
    const theirs = accuracy === null ? {} : { accuracy, loss: loss ?? NaN };
    this.#last = { ...(ours ?? { attackSuccess: null, accuracy: 0, loss: NaN }), ...theirs };
    return this.#last;
  }
}
