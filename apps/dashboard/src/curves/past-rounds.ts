import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { MetricsView, RoundMetrics, RoundView } from '#protocol';

import { ask, useCasePath } from '../coordinator.js';
import { useRoundsOfPage } from '../rounds/rounds-provider.js';

/** What curves and sums need of a round that is over or under way. */
export type PastRound = Pick<
  RoundView,
  | 'id'
  | 'sequence'
  | 'state'
  | 'evaluates'
  | 'accuracy'
  | 'loss'
  | 'onDevices'
  | 'epsilon'
  | 'clip'
  | 'issued'
  | 'refusals'
>;

/**
 * All rounds of the use case shown, oldest first: the finished ones asked for once, in few numbers each, and on top of
 * them what the page has heard since.
 */
export function usePastRounds(): readonly PastRound[] {
  const { selected, rounds } = useRoundsOfPage().state;
  const { data } = useQuery({
    queryKey: ['metrics', selected],
    queryFn: ({ signal }) => ask<MetricsView>(`${useCasePath(selected!)}/metrics`, signal),
    enabled: selected !== null,
    staleTime: Infinity,
  });
  return useMemo(() => {
    const all = new Map<number, PastRound>(data?.rounds.map((round) => [round.round, fromMetrics(round)]));
    for (const round of rounds.values()) if (round.state !== 'scheduled') all.set(round.sequence, round);
    return [...all.values()].sort((a, b) => a.sequence - b.sequence);
  }, [data, rounds]);
}

const fromMetrics = ({ round, roundId, ...rest }: RoundMetrics): PastRound => ({
  ...rest,
  id: roundId,
  sequence: round,
});
