import type { RoundState, RoundView, UseCaseView } from '#protocol';

/** Everything the page knows. Changed by `reduce` only. */
export interface PageState {
  readonly phase: 'loading' | 'ready';
  /** why the last fetch failed, a sentence; null once one succeeds */
  readonly problem: string | null;
  readonly useCases: readonly UseCaseView[];
  /** id of the use case shown; null while there is none */
  readonly selected: string | null;
  /** rounds of the selected use case, by id */
  readonly rounds: ReadonlyMap<string, RoundView>;
  /** rounds heard of by event since the fetch under way began: its answer may be older than they are */
  readonly heard: ReadonlySet<string>;
  readonly connection: Connection;
  /** coordinator's clock minus this browser's, ms */
  readonly skewMs: number;
}

/** `since` is unix ms of this browser's clock. */
export type Connection = { readonly state: 'connecting' | 'live' } | { readonly state: 'lost'; readonly since: number };

/** One answer of the coordinator: its use cases, and the rounds of the one selected. */
export interface Snapshot {
  readonly useCases: readonly UseCaseView[];
  readonly selected: string | null;
  readonly rounds: readonly RoundView[];
  readonly skewMs: number;
}

export type Action =
  | { readonly type: 'selected'; readonly useCase: string }
  | { readonly type: 'fetching' }
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
  heard: new Set(),
  connection: { state: 'connecting' },
  skewMs: 0,
};

export function reduce(state: PageState, action: Action): PageState {
  switch (action.type) {
    case 'selected':
      return { ...state, phase: 'loading', selected: action.useCase, rounds: new Map(), heard: new Set() };
    case 'fetching':
      return { ...state, heard: new Set() };
    case 'fetched':
      return { ...state, ...action.snapshot, phase: 'ready', problem: null, rounds: replace(state, action.snapshot) };
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

/** The answer's rounds, and those heard of meanwhile; of two views of a round, the later one. */
function replace(state: PageState, { selected, rounds }: Snapshot): ReadonlyMap<string, RoundView> {
  const next = new Map(rounds.map((round) => [round.id, later(state.rounds.get(round.id), round)]));
  for (const id of state.heard) {
    const round = state.rounds.get(id);
    if (round?.useCase === selected && !next.has(id)) next.set(id, round);
  }
  return next;
}

function hear(state: PageState, heard: readonly RoundView[]): PageState {
  const ours = heard.filter(({ useCase }) => useCase === state.selected);
  if (ours.length === 0) return state;
  const rounds = new Map(state.rounds);
  for (const round of ours) rounds.set(round.id, later(rounds.get(round.id), round));
  return { ...state, rounds, heard: new Set([...state.heard, ...ours.map(({ id }) => id)]) };
}

const ORDER: Record<RoundState, number> = { scheduled: 0, open: 1, frozen: 2, published: 3, abandoned: 3 };

/** A round only moves forward, so the view that is further on is the later one. */
function later(known: RoundView | undefined, incoming: RoundView): RoundView {
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
