import { MutationCache, QueryCache, QueryClient, type Query } from '@tanstack/react-query';

import { AnswerError } from '../coordinator.js';
import { SESSION, type Session } from './use-session.js';

/** How often what failed is asked again. */
const AGAIN_MS = 5000;

/** The coordinator said no, and would say so again. */
const isRefused = (error: Error | null): boolean => error instanceof AnswerError && error.status < 500;

/** What failed is asked again until there is an answer; a session that has ended is noticed by whatever is refused first. */
export function newQueryClient(): QueryClient {
  const onError = (error: Error): void => void askWhoItIs(client, error);
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // Whether this machine has a network says nothing of the coordinator, and an act must not wait to happen later, unseen.
      queries: {
        networkMode: 'always',
        retry: (failures, error) => failures < 1 && !isRefused(error),
        refetchInterval: ({ state }: Query) => (state.error !== null && !isRefused(state.error) ? AGAIN_MS : false),
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}

function askWhoItIs(client: QueryClient, error: Error): Promise<void> | undefined {
  const { account = null } = client.getQueryData<Session>(SESSION) ?? {};
  const isDoubtful = error instanceof AnswerError && (error.status === 401 || error.status === 403);
  return isDoubtful && account !== null ? client.invalidateQueries({ queryKey: SESSION }) : undefined;
}
