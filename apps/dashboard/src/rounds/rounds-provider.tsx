import { createContext, useContext, useSyncExternalStore, type ReactNode } from 'react';

import type { RoundView } from '#protocol';

import type { PageState } from './rounds-state.js';
import { useRounds, type Rounds } from './use-rounds.js';

const RoundsContext = createContext<Rounds | null>(null);

/** One connection and one list of rounds for all pages, whichever is shown. */
export function RoundsProvider({ children }: { children: ReactNode }) {
  return <RoundsContext value={useRounds()}>{children}</RoundsContext>;
}

/** What can be asked for; it stays the same. What is known, `usePage` reads. */
export function useRoundsOfPage(): Rounds {
  const rounds = useContext(RoundsContext);
  if (rounds === null) throw new Error('this page is not within a RoundsProvider');
  return rounds;
}

/**
 * A part of what the page knows: who reads it is drawn anew once it is another one.
 *
 * @param part  makes no object: that would be another one each time
 */
export function usePage<T>(part: (state: PageState) => T): T {
  const { store } = useRoundsOfPage();
  return useSyncExternalStore(store.subscribe, () => part(store.state));
}

/** A round with its counts; undefined where the page does not know it. */
export const useRoundOfPage = (id: string | undefined): RoundView | undefined =>
  usePage(({ rounds }) => (id === undefined ? undefined : rounds.get(id)));

/** The use case with an id, if there is one. */
export const useUseCase = (id: string | null | undefined) =>
  usePage(({ useCases }) => useCases.find((useCase) => useCase.id === id));
