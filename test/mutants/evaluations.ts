import type { Mutant } from './mutant.js';

/** Rounds that measure a model and make none: nothing may take one for the other. */
export const EVALUATIONS: readonly Mutant[] = [
  {
    name: 'intake takes a round that measures for one that trains',
    file: 'libs/storage/src/intake/submissions.ts',
    from: 'evaluates is not null as "isEvaluation"',
    to: 'false as "isEvaluation"',
    tests: 'test/e2e/evaluation',
    rules: ['EVL1', 'EVL8'],
  },
  {
    name: 'intake looks at the length of figures alone',
    file: 'apps/intake/src/payload-form.ts',
    from: 'if (isEvaluation) return new FiguresCheck();',
    to: 'if (isEvaluation) return { push: () => {}, finish: () => {} };',
    tests: 'test/e2e/evaluation',
    rules: ['EVL8'],
  },
  {
    name: 'figures weigh what an update of the task does',
    file: 'apps/worker/src/round-folder.ts',
    from: 'isEvaluation(round) ? 1 : round.weightLevels[weightLevel]!',
    to: 'round.weightLevels[weightLevel]!',
    tests: 'test/e2e/evaluation',
    rules: ['EVL8'],
  },
  {
    name: 'figures of a private task have no noise',
    file: 'apps/worker/src/evaluation-round.ts',
    from: 'dimension, noise: privacy?.noise ?? null };',
    to: 'dimension, noise: null };',
    tests: 'test/e2e/evaluation',
    rules: ['EVL9'],
  },
  {
    name: 'the newest model is measured, whichever was asked for',
    file: 'libs/storage/src/rounds/round-plans.ts',
    from: 'case when r.evaluates is not null then r.evaluates',
    to: 'case when false then r.evaluates',
    tests: 'test/e2e/evaluation',
    // EVL3 asks for what the two before it have made.
    rules: ['EVL1', 'EVL2', 'EVL3'],
  },
  {
    name: 'a device trains in a round that measures',
    file: 'libs/client/src/evaluate-round.ts',
    from: 'record.evaluation !== undefined;',
    to: 'record.evaluation !== undefined && record.useNo < 0;',
    tests: 'libs/client/src/evaluation',
    rules: ['EVL7'],
  },
  {
    name: 'what was trained goes to a round that measures',
    file: 'libs/client/src/eligible-round.ts',
    from: ': isEvaluation(found.round);',
    to: ': false;',
    tests: 'libs/client/src/evaluation',
    rules: ['EVL10'],
  },
  {
    name: 'figures are rounded to the nearest',
    file: 'libs/learning/src/figures.ts',
    from: 'coins.bernoulli(Math.round((scaled - below) * FINEST), FINEST)',
    to: 'coins.bernoulli(Math.round(scaled - below), 1)',
    tests: 'libs/learning/src/figures',
    rules: ['EVL6'],
  },
  {
    name: 'figures in the log are a version that everybody is behind',
    file: 'libs/client/src/log/use-case-history.ts',
    from: "evaluation: 'evaluated'",
    to: "evaluation: 'published'",
    tests: 'libs/client/src/(log/evaluations|evaluation)',
    rules: ['EVL10', 'EVL11'],
  },
];
