import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';

import type { RoundView } from '#protocol';

import { fetchOlder, fetchSnapshot } from '../coordinator.js';
import { follow } from './events.js';
import { PageStore } from './page-store.js';
import type { PageState } from './rounds-state.js';

const REFETCH_MS = 5000;
/** A model is evaluated after it is published; stop asking for its accuracy after this. */
const EVALUATION_MS = 120_000;

export interface Rounds {
  readonly store: PageStore;
  readonly refetch: () => void;
  readonly select: (useCase: string) => void;
  /** asks for rounds before those that are known; false once there are none */
  readonly loadOlder: () => Promise<boolean>;
}

/** The coordinator's rounds, kept up to date. The use case shown is in the address: `?use-case=`. */
export function useRounds(): Rounds {
  const [store] = useState(() => new PageStore());
  const wanted = useRef<string | null>(new URLSearchParams(location.search).get('use-case'));
  const underWay = useRef<AbortController>(undefined);

  const rounds = useMemo<Rounds>(() => {
    const refetch = () => {
      underWay.current?.abort();
      const { signal } = (underWay.current = new AbortController());
      const useCase = wanted.current ?? store.state.selected;
      fetchSnapshot({ useCase, after: firstToAskFor(store.state, Date.now()) }, signal).then(
        (snapshot) => signal.aborted || store.dispatch({ type: 'fetched', snapshot }),
        (error: Error) => signal.aborted || store.dispatch({ type: 'failed', problem: error.message }),
      );
    };
    const select = (useCase: string) => {
      wanted.current = useCase;
      history.replaceState(history.state, '', `?use-case=${encodeURIComponent(useCase)}${location.hash}`);
      store.dispatch({ type: 'selected', useCase });
      refetch();
    };
    const loadOlder = () => askForOlder(store.state, (heard) => store.dispatch({ type: 'heard', rounds: heard }));
    return { store, refetch, select, loadOlder };
  }, [store]);

  const { refetch } = rounds;
  useEffect(() => {
    refetch();
    const leave = follow({
      onConnect: () => (store.dispatch({ type: 'connected' }), refetch()),
      onLost: () => store.dispatch({ type: 'disconnected', at: Date.now() }),
      onRounds: (heard) => store.dispatch({ type: 'heard', rounds: heard }),
    });
    return () => (leave(), underWay.current?.abort());
  }, [store, refetch]);

  const isAsking = useSyncExternalStore(store.subscribe, () => needsAsking(store.state, Date.now()));
  useAsking(isAsking, refetch);
  return rounds;
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
