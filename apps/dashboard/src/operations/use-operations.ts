import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import type { OperationRates, OperationsView } from '#protocol';

import { ask, AnswerError } from '../coordinator.js';
import { useSession } from '../session/use-session.js';

export type Rate = keyof OperationRates;

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
export function useRateHistory(view: OperationsView | undefined, at: number): readonly OperationRates[] {
  const [history, setHistory] = useState<readonly OperationRates[]>([]);
  useEffect(() => {
    if (view !== undefined) setHistory((known) => [...known, view.rates].slice(-KEPT));
  }, [view, at]);
  return history;
}
