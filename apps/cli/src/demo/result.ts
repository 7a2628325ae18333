import type { LogReport } from '#client';
import type { RoundView } from '#protocol';

import type { ModelFiles } from '../model-download.js';
import { percent } from '../output/figures.js';
import type { Misbehaved } from './fleet.js';

/** Counts of what devices did on purpose; nothing is counted that did not reach intake. */
export interface Attempts {
  readonly tried: number;
  readonly refused: number;
}

/** What `starling demo --json` prints. */
export interface DemoResult {
  readonly useCase: string;
  /** of the last published model, 0 to 1; null when there is none */
  readonly accuracy: number | null;
  readonly loss: number | null;
  /** accuracy of the same training on all examples in one place; null when it was not ready at the end */
  readonly centralised: number | null;
  /** published */
  readonly rounds: number;
  readonly devices: number;
  readonly tokensIssued: number;
  readonly tokensRedeemed: number;
  /** by code, as the coordinator counted them */
  readonly refusals: Readonly<Record<string, number>>;
  readonly doubleSpends: Attempts;
  readonly forgedTokens: Attempts;
  readonly wrongShapes: Attempts;
  /** devices that left in the middle of their upload, and how often the round was published without them */
  readonly vanished: { readonly tried: number; readonly survived: number };
  readonly model: ModelFiles | null;
  /** what an audit of the whole transparency log found */
  readonly log: LogReport;
  readonly seconds: number;
  readonly dashboard: string;
  readonly seed: number;
  readonly backend: string;
  /** why the demo has failed, a sentence each; none when all is well */
  readonly problems: readonly string[];
}

/** What the demo knows when it is over. */
export interface Outcome extends Pick<
  DemoResult,
  | 'useCase'
  | 'centralised'
  | 'devices'
  | 'tokensIssued'
  | 'model'
  | 'log'
  | 'seconds'
  | 'dashboard'
  | 'seed'
  | 'backend'
> {
  readonly rounds: readonly RoundView[];
  readonly misbehaved: readonly Misbehaved[];
  /** the accuracy promised */
  readonly goal: number;
}

/** Not an attempt: the round or the connection was gone before intake had an answer to give. */
const NO_ATTEMPT: ReadonlySet<string | null> = new Set([
  'no_open_round',
  'no_token',
  'connection_lost',
  'unreachable',
  'round_closed',
]);

export function resultOf({ rounds, misbehaved, goal, ...rest }: Outcome): DemoResult {
  const published = rounds.filter(({ state }) => state === 'published');
  const last = published.at(-1);
  const slots = new Set(published.map(({ slot }) => slot));
  const attempts = (kind: Misbehaved['kind']): Attempts => attemptsOf(misbehaved.filter((one) => one.kind === kind));
  const vanished = misbehaved.filter(({ kind, code }) => kind === 'vanished' && code === null);
  const facts = {
    ...rest,
    accuracy: last?.accuracy ?? null,
    loss: last?.loss ?? null,
    rounds: published.length,
    tokensRedeemed: rounds.reduce((sum, { accepted }) => sum + accepted, 0),
    refusals: sumByCode(rounds),
    doubleSpends: attempts('double_spend'),
    forgedTokens: attempts('forged_token'),
    wrongShapes: attempts('wrong_shape'),
    vanished: { tried: vanished.length, survived: vanished.filter(({ slot }) => slots.has(slot)).length },
  };
  return { ...facts, problems: problemsOf(facts, rounds, goal) };
}

function attemptsOf(reports: readonly Misbehaved[]): Attempts {
  const tried = reports.filter(({ code }) => !NO_ATTEMPT.has(code));
  return { tried: tried.length, refused: tried.filter(({ code }) => code !== null && code !== 'accepted').length };
}

function sumByCode(rounds: readonly RoundView[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [code, n] of rounds.flatMap(({ refusals }) => Object.entries(refusals)))
    sums[code] = (sums[code] ?? 0) + n;
  return sums;
}

type Facts = Omit<DemoResult, 'problems'>;

function problemsOf(facts: Facts, rounds: readonly RoundView[], goal: number): string[] {
  const { accuracy, doubleSpends, forgedTokens, wrongShapes } = facts;
  const abandoned = rounds.filter(({ state }) => state === 'abandoned');
  const accepted = Object.entries({
    'double spend': doubleSpends,
    'forged token': forgedTokens,
    'wrong shape': wrongShapes,
  }).filter(([, { tried, refused }]) => refused < tried);
  return [
    ...abandoned.map(
      ({ sequence, reason, detail }) => `Round ${sequence} was abandoned (${reason}): ${detail ?? 'no detail'}`,
    ),
    ...accepted.map(
      ([what, { tried, refused }]) => `A ${what} was accepted: of ${tried} only ${refused} were refused.`,
    ),
    ...facts.log.problems.map(({ position, what }) => `Leaf ${position} of the log is ${what}.`),
    ...(facts.log.results < facts.rounds
      ? [`The log has ${facts.log.results} results for ${facts.rounds} rounds.`]
      : []),
    ...(accuracy === null ? ['The model was not evaluated.'] : []),
    ...(accuracy !== null && accuracy < goal
      ? [`The model reached ${percent(accuracy)}, less than the ${percent(goal)} promised.`]
      : []),
  ];
}
