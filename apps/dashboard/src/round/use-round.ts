import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import type { MetricsView, RoundMetrics, RoundView } from '#protocol';

import { ask, useCasePath } from '../coordinator.js';
import { later } from '../rounds/rounds-state.js';
import { useRoundOfPage } from '../rounds/rounds-provider.js';

const EVERY_MS = 5000;

/** A round, whichever use case it is of, kept up to date. */
export function useRound(id: string) {
  const heard = useRoundOfPage(id);
  const { data, error, refetch } = useQuery({
    queryKey: ['round', id],
    queryFn: ({ signal }) => ask<RoundView>(`/v1/rounds/${encodeURIComponent(id)}`, signal),
    refetchInterval: ({ state: { data } }) => (isOver(data) ? false : EVERY_MS),
  });
  const round = data === undefined ? heard : later(heard, data);
  return { round, error, refetch };
}

/** What only rounds that are over have: time by phase, norms of updates. */
export function useRoundMetrics(round: RoundView | undefined): RoundMetrics | undefined {
  const { data, refetch } = useQuery({
    queryKey: ['round metrics', round?.id],
    queryFn: ({ signal }) =>
      ask<MetricsView>(`${useCasePath(round!.useCase)}/metrics?after=${round!.sequence - 1}`, signal),
    enabled: isOver(round),
    select: ({ rounds }) => rounds.find(({ roundId }) => roundId === round?.id),
  });
  const accuracy = round?.accuracy ?? null;
  // Its model is measured after it is published.
  useEffect(() => void (accuracy !== null && isOver(round) && refetch()), [accuracy]);
  return data;
}

const isOver = (round: RoundView | undefined): boolean => round?.state === 'published' || round?.state === 'abandoned';
