import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { ask, AnswerError } from '../coordinator.js';
import { useSession } from '../session/use-session.js';

/** What `GET /v1/operations` says. */
export interface OperationsView {
  readonly processes: readonly {
    readonly name: string;
    readonly state: 'ready' | 'waiting' | 'away';
    readonly reason: string | null;
    readonly startedAt: string | null;
    readonly eventLoopLagMs: number | null;
    readonly memoryBytes: number | null;
    readonly connections: number | null;
  }[];
  readonly queues: readonly {
    readonly name: string;
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    readonly failed: number;
    readonly oldestWaitingMs: number | null;
  }[];
  readonly rates: Readonly<Record<Rate, number>>;
  readonly refusals: readonly { readonly code: string; readonly count: number }[];
}

export const RATES = [
  'issuedPerSecond',
  'redeemedPerSecond',
  'acceptedPerSecond',
  'refusedPerSecond',
  'shedPerSecond',
] as const;
export type Rate = (typeof RATES)[number];

const EVERY_MS = 2500;
/** What the page remembers of rates: five minutes. */
const KEPT = 120;

/** Asked for while somebody who may see it looks at it; undefined for everybody else. */
export function useOperations() {
  const maySee = useSession().scopes.includes('operations:read');
  const query = useQuery({
    queryKey: ['operations'],
    queryFn: ({ signal }) => ask<OperationsView>('/v1/operations', signal),
    enabled: maySee,
    refetchInterval: EVERY_MS,
    retry: (failures, error) => !(error instanceof AnswerError) && failures < 1,
  });
  return { maySee, ...query };
}

/** The rates of the answers so far, oldest first. */
export function useRateHistory(view: OperationsView | undefined, at: number): readonly OperationsView['rates'][] {
  const [history, setHistory] = useState<readonly OperationsView['rates'][]>([]);
  useEffect(() => {
    if (view !== undefined) setHistory((known) => [...known, view.rates].slice(-KEPT));
  }, [view, at]);
  return history;
}
