import { encodeSafetensors, FED_BUFF, leastCohort, unflatten } from '#learning';
import type { CreateUseCase, StartRounds } from '#protocol';
import { inputShapeOf, modelFromTopology } from '#tensorflow';
import type { z } from 'zod';

import { toInput, type Examples } from '../../data/index.js';
import type { RunSettings } from '../run-settings.js';
import { STRATEGIES } from '../strategies.js';
import { TASKS } from '../tasks.js';
import type { ResearcherApi } from './researcher-api.js';

type Draft = z.input<typeof CreateUseCase>;

export interface UseCaseFiles {
  readonly topology: string;
  readonly initialModel: string;
  readonly evaluationSet: string;
}

/** All rounds of a run are in one epoch, in a slot each. */
const EPOCH_SECONDS = 86_400;
const BATCH = 16;
/** When a round ends whatever comes, where the scenario says nothing. */
const DEADLINE_SECONDS = 3600;

/** What a researcher would ask the coordinator for to have this run. */
export function useCaseOf(
  run: RunSettings,
  { id, title, digests }: { readonly id: string; readonly title: string; readonly digests: UseCaseFiles },
): Draft {
  const { task, rounds, scale, clip, encoding, strategy, privacy, jitterMs } = run;
  return {
    ...{ id, title, scale, clip, encoding, strategy, jitterMs, kMin: leastUpdates(run), epochSeconds: EPOCH_SECONDS },
    ...{ slots: Math.max(BATCH, rounds), batch: Math.min(BATCH, rounds) },
    ...(privacy === undefined ? {} : { privacy }),
    layout: TASKS[task].layout.map(({ name, shape }) => ({ name, shape: [...shape] })),
    ...digests,
  };
}

export function planOf(run: RunSettings): z.input<typeof StartRounds> {
  const { devices, cohort = devices, target = cohort, rounds, deadline, trainingMs } = run;
  const deadlineSeconds = deadline === undefined ? DEADLINE_SECONDS : Math.ceil((deadline * trainingMs) / 1000);
  return { count: rounds, min: Math.min(leastUpdates(run), target), target, deadlineSeconds };
}

export const isBuffered = ({ strategy }: RunSettings): boolean => strategy.name === FED_BUFF;

/** Uploads the model and what it is measured on, and asks for the use case. @returns its name, once it is live */
export async function createUseCase(
  run: RunSettings,
  names: { readonly id: string; readonly title: string },
  { researcher, test }: { readonly researcher: ResearcherApi; readonly test: Examples },
): Promise<string> {
  const { topology, layout, initialParameters } = TASKS[run.task];
  const model = await modelFromTopology(topology);
  const inputs = [test.labels.length, ...inputShapeOf(model)];
  model.dispose();
  const digests = {
    topology: await researcher.upload(new TextEncoder().encode(JSON.stringify(topology))),
    initialModel: await researcher.upload(encodeSafetensors(unflatten(initialParameters(run.seed), layout))),
    evaluationSet: await researcher.upload(
      encodeSafetensors([
        { name: 'inputs', shape: inputs, data: toInput(test.inputs) },
        { name: 'labels', shape: inputs.slice(0, 1), data: Float32Array.from(test.labels) },
      ]),
    ),
  };
  await researcher.createUseCase(useCaseOf(run, { ...names, digests }));
  return names.id;
}

/** Fewer make no model. */
function leastUpdates({ strategy }: RunSettings): number {
  return leastCohort(STRATEGIES.make(strategy));
}
