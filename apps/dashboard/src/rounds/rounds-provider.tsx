import { createContext, useContext, type ReactNode } from 'react';

import { useRounds, type Rounds } from './use-rounds.js';

const RoundsContext = createContext<Rounds | null>(null);

/** One connection and one list of rounds for all pages, whichever is shown. */
export function RoundsProvider({ children }: { children: ReactNode }) {
  return <RoundsContext value={useRounds()}>{children}</RoundsContext>;
}

export function useRoundsOfPage(): Rounds {
  const rounds = useContext(RoundsContext);
  if (rounds === null) throw new Error('this page is not within a RoundsProvider');
  return rounds;
}
