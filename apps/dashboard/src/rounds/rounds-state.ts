import type { LatestRound, RoundState, RoundView, UseCaseView } from '#protocol';

import { isSame, without, withOutlines, type RoundOutline } from './outline.js';

/** A use case without what moves in it. */
export type UseCase = Omit<UseCaseView, 'latest'>;

/** Everything the page knows. Changed by `reduce` only, which leaves as it is what an answer or an event does not change. */
export interface PageState {
  readonly phase: 'loading' | 'ready';
  /** why the last fetch failed, a sentence; null once one succeeds */
  readonly problem: string | null;
  readonly useCases: readonly UseCase[];
  /** of each use case that has one, the round that moves, else the next, else the last */
  readonly latest: ReadonlyMap<string, LatestRound>;
  /** id of the use case shown; null while there is none */
  readonly selected: string | null;
  /** rounds of the selected use case, by id: those that were asked for or heard of */
  readonly rounds: ReadonlyMap<string, RoundView>;
  /** of the same rounds what does not change with each count: lists are made anew for another one */
  readonly newestFirst: readonly RoundOutline[];
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
  latest: new Map(),
  selected: null,
  rounds: new Map(),
  newestFirst: [],
  last: 0,
  connection: { state: 'connecting' },
  skewMs: 0,
};

export function reduce(state: PageState, action: Action): PageState {
  switch (action.type) {
    case 'selected':
      return { ...state, phase: 'loading', selected: action.useCase, ...NO_ROUNDS, last: 0 };
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

const NO_ROUNDS: Pick<PageState, 'rounds' | 'newestFirst'> = { rounds: new Map(), newestFirst: [] };

/** Rounds are never deleted: an answer adds to what is known, and of two views of a round the later one counts. */
function take(state: PageState, { useCases: views, rounds, selected, last, skewMs }: Snapshot): PageState {
  const known = selected === state.selected ? state : NO_ROUNDS;
  const useCases = views.map((view) => without(view, ['latest']));
  return {
    ...state,
    useCases: isSame(state.useCases, useCases) ? state.useCases : useCases,
    latest: new Map(views.flatMap(({ id, latest }) => (latest === null ? [] : [[id, latest]]))),
    selected,
    phase: 'ready',
    problem: null,
    last,
    skewMs,
    ...merged(known, rounds),
  };
}

function hear(state: PageState, heard: readonly RoundView[]): PageState {
  const latest = withNews(state.latest, heard);
  const ours = heard.filter(({ useCase }) => useCase === state.selected);
  const last = Math.max(state.last, ...ours.map(({ sequence }) => sequence));
  return { ...state, latest, last, ...merged(state, ours) };
}

function merged({ rounds, newestFirst }: Pick<PageState, 'rounds' | 'newestFirst'>, more: readonly RoundView[]) {
  const changed = more
    .map((round) => later(rounds.get(round.id), round))
    .filter((round) => !isSame(rounds.get(round.id), round));
  if (changed.length === 0) return { rounds, newestFirst };
  return {
    rounds: new Map([...rounds, ...changed.map((round) => [round.id, round] as const)]),
    newestFirst: withOutlines(newestFirst, changed),
  };
}

/** A use case's card shows the round that moves. */
function withNews(known: PageState['latest'], heard: readonly RoundView[]): PageState['latest'] {
  const news = heard.filter(
    ({ useCase, state, sequence }) => state !== 'scheduled' && sequence >= (known.get(useCase)?.sequence ?? 0),
  );
  return news.length === 0 ? known : new Map([...known, ...news.map((round) => [round.useCase, round] as const)]);
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
