import { useCallback, useEffect, useReducer, useRef } from 'react';

import { fetchSnapshot } from '../coordinator.js';
import { follow } from './events.js';
import { INITIAL, reduce, type PageState } from './rounds-state.js';

const REFETCH_MS = 5000;
/** A model is evaluated after it is published; stop asking for its accuracy after this. */
const EVALUATION_MS = 120_000;

/** The coordinator's rounds, kept up to date. The use case shown is in the address: `?use-case=`. */
export function useRounds(): { state: PageState; refetch: () => void; select: (useCase: string) => void } {
  const [state, dispatch] = useReducer(reduce, INITIAL);
  const wanted = useRef<string | null>(new URLSearchParams(location.search).get('use-case'));
  const underWay = useRef<AbortController>(undefined);

  const refetch = useCallback(() => {
    underWay.current?.abort();
    const { signal } = (underWay.current = new AbortController());
    dispatch({ type: 'fetching' });
    fetchSnapshot(wanted.current, signal).then(
      (snapshot) => signal.aborted || dispatch({ type: 'fetched', snapshot }),
      (error: Error) => signal.aborted || dispatch({ type: 'failed', problem: error.message }),
    );
  }, []);

  const select = useCallback(
    (useCase: string) => {
      wanted.current = useCase;
      history.replaceState(history.state, '', `?use-case=${encodeURIComponent(useCase)}${location.hash}`);
      dispatch({ type: 'selected', useCase });
      refetch();
    },
    [refetch],
  );

  useEffect(() => {
    refetch();
    const leave = follow({
      onConnect: () => (dispatch({ type: 'connected' }), refetch()),
      onLost: () => dispatch({ type: 'disconnected', at: Date.now() }),
      onRounds: (rounds) => dispatch({ type: 'heard', rounds }),
    });
    return () => (leave(), underWay.current?.abort());
  }, [refetch]);

  const asking = needsAsking(state, Date.now());
  useEffect(() => {
    const look = () => document.hidden || refetch();
    const timer = asking ? setInterval(look, REFETCH_MS) : undefined;
    document.addEventListener('visibilitychange', look);
    return () => (clearInterval(timer), document.removeEventListener('visibilitychange', look));
  }, [asking, refetch]);

  return { state, refetch, select };
}

/** What no event tells: rounds newly scheduled, what a scheduled one waits for, an accuracy measured after publishing. */
function needsAsking({ problem, connection, rounds, skewMs }: PageState, now: number): boolean {
  if (problem !== null || connection.state !== 'live') return true;
  const all = [...rounds.values()];
  if (!all.some(({ state }) => state === 'open' || state === 'frozen')) return true;
  const since = now + skewMs - EVALUATION_MS;
  return all.some(({ publishedAt, accuracy }) => accuracy === null && publishedAt && Date.parse(publishedAt) > since);
}
