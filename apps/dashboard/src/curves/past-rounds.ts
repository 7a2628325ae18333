import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { CurvesView, RoundFigures, RoundView } from '#protocol';

import { ask, useCasePath } from '../coordinator.js';
import { usePage } from '../rounds/rounds-provider.js';

/** What curves and sums need of a round that is over or under way. */
export interface PastRound extends Omit<RoundFigures, 'round' | 'issued' | 'refusals'> {
  readonly sequence: number;
  readonly issued: number | null;
  /** of a round that the page has heard of; its refusals are read there, as they come in */
  readonly id: string | null;
  readonly refusals: RoundView['refusals'];
}

/**
 * All rounds of the use case shown, oldest first: the finished ones asked for once, in few numbers each, and on top of
 * them what the page has heard since. The same list while only counts come in.
 */
export function usePastRounds(): readonly PastRound[] {
  const selected = usePage((page) => page.selected);
  const heard = usePage(({ newestFirst }) => newestFirst);
  const { data } = useQuery({
    queryKey: ['curves', selected],
    queryFn: ({ signal }) => ask<CurvesView>(`${useCasePath(selected!)}/curves`, signal),
    enabled: selected !== null,
    staleTime: Infinity,
  });
  return useMemo(() => {
    const all = new Map<number, PastRound>(data?.rounds.map((round) => [round.round, finished(round)]));
    for (const round of heard) if (round.state !== 'scheduled') all.set(round.sequence, { ...round, refusals: {} });
    return [...all.values()].sort((a, b) => a.sequence - b.sequence);
  }, [data, heard]);
}

const finished = ({ round, ...figures }: RoundFigures): PastRound => ({ ...figures, id: null, sequence: round });
