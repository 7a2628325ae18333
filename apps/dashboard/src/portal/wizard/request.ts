import type { Layout } from '#learning';

import { architectureOf } from './architecture.js';
import { cancels, type Draft } from './draft.js';

/** What is not typed yet is left out, so that the coordinator's default holds or its absence is told. */
const number = (text: string): number | undefined => (text.trim() === '' ? undefined : Number(text));

/** @throws Error with a sentence for people, where there is no layout yet */
export function layoutOfDraft(draft: Draft): Layout {
  const { model, uploaded } = draft;
  if (model !== 'file') return architectureOf({ ...draft, model }).layout;
  if (uploaded === null) throw new Error('Choose the file of a model.');
  return uploaded.layout;
}

function strategyOf({ strategy, options }: Draft): object {
  const given = Object.entries(options).flatMap(([name, text]) => (text.trim() === '' ? [] : [[name, Number(text)]]));
  return { name: strategy, ...Object.fromEntries(given) };
}

function privacyOf(draft: Draft): object {
  const { privacy, noiseMultiplier, delta, epsilonMax, separation, treeEpochs } = draft;
  if (privacy === 'off') return {};
  const terms = { noiseMultiplier: number(noiseMultiplier), delta: number(delta), epsilonMax: number(epsilonMax) };
  return {
    privacy: {
      ...terms,
      ...(privacy === 'adaptive' && { clipping: 'adaptive' }),
      ...(cancels(privacy) && { mechanism: privacy, separation: number(separation), epochs: number(treeEpochs) }),
    },
  };
}

/** What `POST /v1/use-cases` takes, but for digests of files that are not uploaded yet. */
export function useCaseOf(draft: Draft, layout: Layout): Record<string, unknown> {
  const { title, id, encoding, topK, uploaded, model, evaluation } = draft;
  return {
    ...(id !== '' && { id }),
    ...(title !== '' && { title }),
    layout,
    strategy: strategyOf(draft),
    encoding: encoding === 'topK' ? { topK: number(topK) } : encoding,
    scale: number(draft.scale),
    clip: number(draft.clip),
    ...privacyOf(draft),
    kMin: number(draft.kMin),
    jitterMs: number(draft.jitterMs),
    epochSeconds: number(draft.epochSeconds),
    slots: number(draft.slots),
    // As many at a time as an epoch has: fewer requests, and no slot left over.
    batch: Math.min(16, number(draft.slots) ?? 16),
    ...(model === 'file' && uploaded?.topology !== undefined && { topology: uploaded.topology }),
    ...(evaluation !== null && { evaluationSet: evaluation.digest }),
  };
}

/** What `POST /v1/use-cases/:id/rounds` takes. */
export function roundsOf({ rounds, kMin, target, deadlineSeconds, accuracy, patience }: Draft): object {
  const goal = { accuracy: number(accuracy), patience: number(patience) };
  return {
    count: number(rounds),
    min: number(kMin),
    target: number(target),
    deadlineSeconds: number(deadlineSeconds),
    ...((goal.accuracy ?? goal.patience) !== undefined && { until: goal }),
  };
}

/** What `POST /v1/use-cases/preview` takes. */
export const previewOf = (draft: Draft, layout: Layout): Record<string, unknown> => ({
  ...useCaseOf(draft, layout),
  rounds: number(draft.rounds),
  cohort: number(draft.target),
});
