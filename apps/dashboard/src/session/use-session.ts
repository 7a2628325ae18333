import { useQuery, useQueryClient } from '@tanstack/react-query';

import type { Scope } from '#protocol';

import { ask } from '../coordinator.js';

export type Role = 'owner' | 'researcher' | 'viewer';

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** Who is signed in, as the coordinator says. */
export interface Session {
  readonly account: Account | null;
  readonly scopes: readonly Scope[];
  /** until the coordinator has answered, nobody knows */
  readonly isKnown: boolean;
}

const KEY = ['session'];
const NOBODY = { account: null, scopes: [] };

export function useSession(): Session {
  const { data, isPending } = useQuery({
    queryKey: KEY,
    queryFn: () => ask<Partial<Session>>('/v1/session'),
    staleTime: 60_000,
  });
  return { ...NOBODY, ...data, isKnown: !isPending };
}

/** After signing in or out everything may look different: all that was read is read again. */
export function useSessionChange(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries();
}
