import { z } from 'zod';

import {
  aggregateInMemory,
  bulyan,
  clipFactor,
  coordinateMedian,
  fedAdagrad,
  fedAdam,
  fedAvgM,
  fedYogi,
  initialState,
  krum,
  LearningError,
  localDeviation,
  meanDeviation,
  multiKrum,
  multiplierBesideCount,
  nextClip,
  qFedAvg,
  selectByKrum,
  squaredDistances,
  squaredNorms,
  trimmedMean,
  weightedMean,
  type Aggregation,
  type Contribution,
  type ServerOptimizer,
  type SliceAggregator,
} from '#learning';

import { summary, type Tally } from './report.js';

const Numbers = z.record(
  z.string(),
  z.object({ data: z.array(z.union([z.number(), z.enum(['nan', 'inf', '-inf'])])) }),
);
const Round = z.object({
  round: z.int(),
  start: Numbers,
  clients: z.array(z.object({ metrics: z.record(z.string(), z.number()), arrays: Numbers })),
  expected: z.object({ arrays: Numbers }).nullable(),
  expected_extra: z.record(z.string(), z.number()).optional(),
});
const Params = z.record(z.string(), z.union([z.number(), z.string(), z.null()]));
const Case = z.object({
  id: z.string(),
  strategy: z.string(),
  params: Params,
  quirk: z.boolean().optional(),
  selected: z.array(z.int()).optional(),
  float32: z.array(Round).optional(),
  float64: z.array(Round).optional(),
  expected: z.unknown().optional(),
  error: z.string().optional(),
});
const StrategyFile = z.object({ cases: z.array(Case) });
type StrategyCase = z.output<typeof Case>;
type StrategyRound = z.output<typeof Round>;
type Precision = 'float32' | 'float64';

/** As far as an independent implementation in double precision meets Flower's. */
const TOLERANCE: Record<Precision, readonly [absolute: number, relative: number]> = {
  float32: [2e-6, 2e-5],
  float64: [1e-12, 1e-10],
};

/**
 * Runs a file of cases that Flower's strategies made. Where Flower itself fails (`quirk`), a refusal or a finite
 * model is right.
 *
 * @throws ZodError when it has another form
 */
export function runStrategies(content: unknown, print: (line: string) => void): Tally {
  const tallies = new Map<string, Tally>();
  for (const one of StrategyFile.parse(content).cases) {
    const tally = tallies.get(one.strategy) ?? { passed: 0, failed: 0, skipped: 0 };
    tallies.set(one.strategy, tally);
    const finding = findingOf(one);
    tally[finding === undefined ? 'passed' : finding === 'skipped' ? 'skipped' : 'failed']++;
    if (finding !== undefined && finding !== 'skipped') print(`FAIL  ${one.id}: ${finding}`);
  }
  const sum: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const [strategy, tally] of tallies) {
    print(`${strategy.padEnd(30)}  ${summary(tally)}`);
    for (const key of ['passed', 'failed', 'skipped'] as const) sum[key] += tally[key];
  }
  return sum;
}

/** @returns what is wrong, `skipped` for a strategy that is not built, or nothing */
function findingOf(one: StrategyCase): string | undefined {
  const formula = FORMULAS[one.strategy];
  if (formula !== undefined) return formulaFinding(one, formula);
  const make = STRATEGIES[one.strategy];
  if (make === undefined) return 'skipped';
  for (const precision of ['float32', 'float64'] as const) {
    const finding = roundsFinding(one, precision, make(number(one.params)));
    if (finding !== undefined) return `${precision}: ${finding}`;
  }
  return undefined;
}

/** A cohort whose members also have their metrics. */
type Members = readonly (Contribution & { readonly loss: number })[];
/** From the round's model and cohort to the next model; called once a round, in order. */
type Rounds = (x: Float64Array, cohort: Members, one: StrategyRound) => Float64Array;
type Parameter = (name: string) => number;

const number =
  (params: z.output<typeof Params>): Parameter =>
  (name) => {
    const value = params[name];
    if (typeof value !== 'number') throw new Error(`the case has no number ${name}`);
    return value;
  };

const added = (x: Float64Array, aggregate: Float64Array): Float64Array => x.map((value, j) => value + aggregate[j]!);
const plainly =
  (aggregation: Aggregation): Rounds =>
  (x, cohort) =>
    added(x, aggregation(cohort));
const whole = (aggregator: SliceAggregator): Rounds => plainly((cohort) => aggregateInMemory(aggregator, cohort));

function optimized(optimizer: ServerOptimizer): Rounds {
  let state = initialState(0);
  return (x, cohort) => {
    if (state.rounds === 0) state = initialState(x.length);
    const next = optimizer.step(x, weightedMean(cohort), state);
    state = next.state;
    return next.x;
  };
}

const fedOpt = (p: Parameter) => ({ learningRate: p('eta'), tau: p('tau') });
const moments = (p: Parameter) => ({ ...fedOpt(p), beta1: p('beta_1'), beta2: p('beta_2') });

const STRATEGIES: Readonly<Record<string, (p: Parameter) => Rounds>> = {
  FedAvg: () => plainly(weightedMean),
  FedProx: () => plainly(weightedMean),
  FedAvgM: (p) => optimized(fedAvgM({ learningRate: p('server_learning_rate'), momentum: p('server_momentum') })),
  FedAdam: (p) => optimized(fedAdam(moments(p))),
  FedYogi: (p) => optimized(fedYogi(moments(p))),
  FedAdagrad: (p) => optimized(fedAdagrad(fedOpt(p))),
  FedMedian: () => whole(coordinateMedian),
  FedTrimmedAvg: (p) => whole(trimmedMean(p('beta'))),
  Krum: (p) => whole(krum({ malicious: p('num_malicious_nodes') })),
  MultiKrum: (p) => whole(multiKrum({ malicious: p('num_malicious_nodes'), selected: p('num_nodes_to_select') })),
  Bulyan: (p) => whole(bulyan({ malicious: p('num_malicious_nodes') })),
  QFedAvg: (p) => {
    const fair = whole(qFedAvg({ q: p('q'), clientLearningRate: p('client_learning_rate') }));
    return (x, cohort, one) =>
      fair(
        x,
        cohort.map((member) => ({ ...member, weight: member.loss })),
        one,
      );
  },
  DPServerSideFixedClipping: (p) => (x, cohort) => added(x, clippedMean(cohort, p('clipping_norm'))),
  DPServerSideAdaptiveClipping: (p) => (x, cohort, one) => {
    const { clipping_norm_before: clip = NaN, paper_clipping_norm_after: after = NaN } = one.expected_extra ?? {};
    const unclipped = cohort.filter(({ delta }) => factorOf(delta, clip) === 1).length / cohort.length;
    // The file's target is of clipped updates.
    const targetUnclipped = 1 - p('target_clipped_quantile');
    const next = nextClip(clip, unclipped, { targetUnclipped, learningRate: p('clip_norm_lr') });
    if (!isNear(next, after, 'float64')) throw new Error(`the next clip is ${next}, not ${after}`);
    return added(x, clippedMean(cohort, clip));
  },
};

const factorOf = (delta: Contribution['delta'], clip: number): number =>
  clipFactor(squaredNorms([{ delta, weight: 1 }])[0]!, clip);

const clippedMean = (cohort: Members, clip: number): Float64Array =>
  weightedMean(
    cohort.map(({ delta, weight }) => {
      const factor = factorOf(delta, clip);
      return { weight, delta: Float64Array.from(delta, (value) => value * factor) };
    }),
  );

/** Helpers that are a number or two, or refused. */
const FORMULAS: Readonly<Record<string, (p: Parameter, params: z.output<typeof Params>) => number>> = {
  'dp-noise-stdev': (p) => meanDeviation(p('noise_multiplier'), p('clipping_norm'), p('num_sampled_clients')),
  'dp-adaptive-noise': (p, { clipped_count_stddev: given }) =>
    multiplierBesideCount(p('noise_multiplier'), typeof given === 'number' ? given : p('num_sampled_clients') / 20),
  'dp-local-stdev': (p) => localDeviation(p('sensitivity'), p('epsilon'), p('delta')),
};

function formulaFinding({ params, expected, error }: StrategyCase, formula: NonNullable<(typeof FORMULAS)[string]>) {
  const got = refusedOr(() => formula(number(params), params));
  if (error !== undefined) return got instanceof LearningError ? undefined : `gave ${String(got)} and had to refuse`;
  const wanted = z.union([z.number(), z.object({ noise_multiplier: z.number() }).transform((o) => o.noise_multiplier)]);
  const right = wanted.parse(expected);
  return typeof got === 'number' && isNear(got, right, 'float64') ? undefined : `gave ${String(got)}, not ${right}`;
}

function roundsFinding(one: StrategyCase, precision: Precision, next: Rounds): string | undefined {
  for (const round of one[precision] ?? []) {
    const read = (arrays: z.output<typeof Numbers>) => flat(arrays, precision);
    const x = read(round.start);
    const cohort = round.clients.map(({ metrics, arrays }) => ({
      delta: read(arrays).map((value, j) => value - x[j]!),
      weight: metrics[String(one.params['weighted_by_key'] ?? 'num-examples')]!,
      loss: metrics[String(one.params['train_loss_key'] ?? 'train_loss')]!,
    }));
    const got = refusedOr(() => next(x, cohort, round));
    if (one.quirk === true) {
      if (!(got instanceof LearningError) && !got.every(Number.isFinite)) return 'neither a model nor refused';
      continue;
    }
    if (got instanceof LearningError) return `refused: ${got.message}`;
    const wrong = got.findIndex((value, j) => !isNear(value, read(round.expected!.arrays)[j]!, precision));
    if (wrong !== -1) return `round ${round.round}, coordinate ${wrong}: ${got[wrong]}`;
    const chosen = one.selected && selectionOf(one, cohort);
    if (chosen && String(chosen) !== String(one.selected)) return `selected ${String(chosen)}`;
  }
  return undefined;
}

function selectionOf({ strategy, params }: StrategyCase, cohort: Members): number[] {
  const p = number(params);
  const malicious = p('num_malicious_nodes');
  const selected =
    strategy === 'Krum' ? 1 : strategy === 'Bulyan' ? cohort.length - 2 * malicious : p('num_nodes_to_select');
  return selectByKrum(squaredDistances(cohort), cohort.length, { malicious, selected });
}

function refusedOr<T>(work: () => T): T | LearningError {
  try {
    return work();
  } catch (error) {
    if (error instanceof LearningError) return error;
    throw error;
  }
}

const flat = (arrays: z.output<typeof Numbers>, precision: Precision): Float64Array =>
  Float64Array.from(
    Object.values(arrays).flatMap(({ data }) => data.map((value) => Number(value))),
    precision === 'float32' ? Math.fround : undefined,
  );

function isNear(got: number, wanted: number, precision: Precision): boolean {
  const [absolute, relative] = TOLERANCE[precision];
  return Math.abs(got - wanted) <= absolute + relative * Math.abs(wanted);
}
