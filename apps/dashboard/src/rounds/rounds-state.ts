import type { RoundState, RoundView, UseCaseView } from '#protocol';

/** Everything the page knows. Changed by `reduce` only. */
export interface PageState {
  readonly phase: 'loading' | 'ready';
  /** why the last fetch failed, a sentence; null once one succeeds */
  readonly problem: string | null;
  readonly useCases: readonly UseCaseView[];
  /** id of the use case shown; null while there is none */
  readonly selected: string | null;
  /** rounds of the selected use case, by id: those that were asked for or heard of */
  readonly rounds: ReadonlyMap<string, RoundView>;
  /** sequence of the last one that there is */
  readonly last: number;
  readonly connection: Connection;
  /** coordinator's clock minus this browser's, ms */
  readonly skewMs: number;
}

/** `since` is unix ms of this browser's clock. */
export type Connection = { readonly state: 'connecting' | 'live' } | { readonly state: 'lost'; readonly since: number };

/** One answer of the coordinator: its use cases, and a page of rounds of the one selected. */
export interface Snapshot {
  readonly useCases: readonly UseCaseView[];
  readonly selected: string | null;
  readonly rounds: readonly RoundView[];
  readonly last: number;
  readonly skewMs: number;
}

export type Action =
  | { readonly type: 'selected'; readonly useCase: string }
  | { readonly type: 'fetched'; readonly snapshot: Snapshot }
  | { readonly type: 'failed'; readonly problem: string }
  | { readonly type: 'heard'; readonly rounds: readonly RoundView[] }
  | { readonly type: 'connected' }
  | { readonly type: 'disconnected'; readonly at: number };

export const INITIAL: PageState = {
  phase: 'loading',
  problem: null,
  useCases: [],
  selected: null,
  rounds: new Map(),
  last: 0,
  connection: { state: 'connecting' },
  skewMs: 0,
};

export function reduce(state: PageState, action: Action): PageState {
  switch (action.type) {
    case 'selected':
      return { ...state, phase: 'loading', selected: action.useCase, rounds: new Map(), last: 0 };
    case 'fetched':
      return take(state, action.snapshot);
    case 'failed':
      return { ...state, problem: action.problem };
    case 'heard':
      return hear(state, action.rounds);
    case 'connected':
      return { ...state, connection: { state: 'live' } };
    case 'disconnected':
      return state.connection.state === 'lost' ? state : { ...state, connection: { state: 'lost', since: action.at } };
  }
}

/** Rounds are never deleted: an answer adds to what is known, and of two views of a round the later one counts. */
function take(state: PageState, { rounds, selected, last, ...rest }: Snapshot): PageState {
  const known = selected === state.selected ? state.rounds : new Map<string, RoundView>();
  return { ...state, ...rest, selected, phase: 'ready', problem: null, last, rounds: merged(known, rounds) };
}

function hear(state: PageState, heard: readonly RoundView[]): PageState {
  const useCases = state.useCases.map((useCase) => withNews(useCase, heard));
  const ours = heard.filter(({ useCase }) => useCase === state.selected);
  if (ours.length === 0) return { ...state, useCases };
  const last = Math.max(state.last, ...ours.map(({ sequence }) => sequence));
  return { ...state, useCases, last, rounds: merged(state.rounds, ours) };
}

function merged(known: ReadonlyMap<string, RoundView>, more: readonly RoundView[]): ReadonlyMap<string, RoundView> {
  const rounds = new Map(known);
  for (const round of more) rounds.set(round.id, later(rounds.get(round.id), round));
  return rounds;
}

/** Its card shows the round that moves. */
function withNews(useCase: UseCaseView, heard: readonly RoundView[]): UseCaseView {
  const news = heard.findLast((round) => round.useCase === useCase.id && round.state !== 'scheduled');
  if (news === undefined || news.sequence < (useCase.latest?.sequence ?? 0)) return useCase;
  return { ...useCase, latest: news };
}

const ORDER: Record<RoundState, number> = { scheduled: 0, open: 1, frozen: 2, published: 3, abandoned: 3 };

/** A round only moves forward, so the view that is further on is the later one. */
export function later(known: RoundView | undefined, incoming: RoundView): RoundView {
  if (!known) return incoming;
  const steps = (round: RoundView) => [
    ORDER[round.state],
    Number(round.accuracy !== null),
    round.submitted,
    round.accepted,
    refused(round),
  ];
  const before = steps(known);
  const after = steps(incoming);
  const i = after.findIndex((step, k) => step !== before[k]);
  return i >= 0 && after[i]! < before[i]! ? known : incoming;
}

/** Refusals of a round, all reasons together. */
export function refused({ refusals }: RoundView): number {
  return Object.values(refusals).reduce((sum, n) => sum + n, 0);
}
