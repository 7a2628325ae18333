import { useCallback, useEffect, useReducer, useRef } from 'react';

import type { RoundView } from '#protocol';

import { fetchOlder, fetchSnapshot } from '../coordinator.js';
import { follow } from './events.js';
import { INITIAL, reduce, type PageState } from './rounds-state.js';

const REFETCH_MS = 5000;
/** A model is evaluated after it is published; stop asking for its accuracy after this. */
const EVALUATION_MS = 120_000;

export interface Rounds {
  readonly state: PageState;
  readonly refetch: () => void;
  readonly select: (useCase: string) => void;
  /** asks for rounds before those that are known; false once there are none */
  readonly loadOlder: () => Promise<boolean>;
}

/** The coordinator's rounds, kept up to date. The use case shown is in the address: `?use-case=`. */
export function useRounds(): Rounds {
  const [state, dispatch] = useReducer(reduce, INITIAL);
  const wanted = useRef<string | null>(new URLSearchParams(location.search).get('use-case'));
  const underWay = useRef<AbortController>(undefined);
  const known = useRef(state);
  known.current = state;

  const refetch = useCallback(() => {
    underWay.current?.abort();
    const { signal } = (underWay.current = new AbortController());
    const useCase = wanted.current ?? known.current.selected;
    fetchSnapshot({ useCase, after: firstToAskFor(known.current, Date.now()) }, signal).then(
      (snapshot) => signal.aborted || dispatch({ type: 'fetched', snapshot }),
      (error: Error) => signal.aborted || dispatch({ type: 'failed', problem: error.message }),
    );
  }, []);

  const select = useCallback(
    (useCase: string) => {
      wanted.current = useCase;
      history.replaceState(history.state, '', `?use-case=${encodeURIComponent(useCase)}${location.hash}`);
      dispatch({ type: 'selected', useCase });
      known.current = { ...known.current, selected: useCase, rounds: new Map() };
      refetch();
    },
    [refetch],
  );

  const loadOlder = useCallback(() => askForOlder(known.current, (rounds) => dispatch({ type: 'heard', rounds })), []);

  useEffect(() => {
    refetch();
    const leave = follow({
      onConnect: () => (dispatch({ type: 'connected' }), refetch()),
      onLost: () => dispatch({ type: 'disconnected', at: Date.now() }),
      onRounds: (rounds) => dispatch({ type: 'heard', rounds }),
    });
    return () => (leave(), underWay.current?.abort());
  }, [refetch]);

  useAsking(needsAsking(state, Date.now()), refetch);
  return { state, refetch, select, loadOlder };
}

/** @returns whether there are still older ones */
async function askForOlder(
  { selected, rounds }: PageState,
  hear: (older: readonly RoundView[]) => void,
): Promise<boolean> {
  const before = Math.min(...[...rounds.values()].map(({ sequence }) => sequence));
  if (selected === null || rounds.size === 0 || before <= 1) return false;
  const older = await fetchOlder(selected, before);
  // Of another use case than the one shown by now, they are passed over.
  hear(older);
  return older.length > 0 && older[0]!.sequence > 1;
}

/** Asks again while there may be something new, and when somebody comes back to the page. */
function useAsking(asking: boolean, refetch: () => void): void {
  useEffect(() => {
    const look = () => document.hidden || refetch();
    const timer = asking ? setInterval(look, REFETCH_MS) : undefined;
    document.addEventListener('visibilitychange', look);
    return () => (clearInterval(timer), document.removeEventListener('visibilitychange', look));
  }, [asking, refetch]);
}

/** The rounds behind this may have changed without an event; undefined where nothing is known. */
function firstToAskFor({ rounds, last, skewMs }: PageState, now: number): number | undefined {
  if (rounds.size === 0) return undefined;
  const moving = [...rounds.values()].filter((round) => !isSettled(round, now + skewMs));
  const newest = Math.max(...[...rounds.values()].map(({ sequence }) => sequence));
  return Math.min(last, newest, ...moving.map(({ sequence }) => sequence - 1));
}

/** What no event tells: rounds newly scheduled, what a scheduled one waits for, an accuracy measured after publishing. */
function needsAsking({ problem, connection, rounds, skewMs }: PageState, now: number): boolean {
  if (problem !== null || connection.state !== 'live') return true;
  const all = [...rounds.values()];
  if (!all.some(({ state }) => state === 'open' || state === 'frozen')) return true;
  return all.some((round) => round.publishedAt !== null && !isSettled(round, now + skewMs));
}

/** Nothing about it will change; `now` is the coordinator's clock. */
function isSettled({ state, accuracy, evaluates, publishedAt }: RoundView, now: number): boolean {
  if (state === 'abandoned') return true;
  if (state !== 'published') return false;
  return accuracy !== null || evaluates !== null || Date.parse(publishedAt!) <= now - EVALUATION_MS;
}
