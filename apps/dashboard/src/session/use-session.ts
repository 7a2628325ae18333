import { useQuery, useQueryClient } from '@tanstack/react-query';

import type { Scope } from '#protocol';

import { ask } from '../coordinator.js';

export type Role = 'owner' | 'researcher' | 'viewer';

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** What became of a session while this page was open, and not by it. */
export type SessionNews =
  { readonly kind: 'ended'; readonly name: string } | { readonly kind: 'role'; readonly role: Role };

/** Who is signed in, as the coordinator says. */
interface Answered {
  readonly account: Account | null;
  readonly scopes: readonly Scope[];
  readonly news: SessionNews | null;
}

export interface Session extends Answered {
  /** until the coordinator has answered, nobody knows */
  readonly isKnown: boolean;
  readonly error: Error | null;
}

export const SESSION = ['session'];
const NOBODY: Answered = { account: null, scopes: [], news: null };

export function useSession(): Session {
  const { data, error } = useQuery({
    queryKey: SESSION,
    queryFn: async ({ client }): Promise<Answered> => {
      const { account = null, scopes = [] } = await ask<Partial<Answered>>('/v1/session');
      const before = client.getQueryData<Answered>(SESSION);
      return { account, scopes, news: newsOf(before, account) };
    },
    staleTime: 60_000,
  });
  return { ...(data ?? NOBODY), isKnown: data !== undefined, error };
}

function newsOf(before: Answered | undefined, account: Account | null): SessionNews | null {
  const known = before?.account ?? null;
  if (known === null) return account === null ? (before?.news ?? null) : null;
  if (account === null) return { kind: 'ended', name: known.name };
  if (account.id !== known.id) return null;
  return account.role === known.role ? before!.news : { kind: 'role', role: account.role };
}

/** After signing in or out everything may look different: all that was read is read again. */
export function useSessionChange(): () => Promise<void> {
  const client = useQueryClient();
  return () => {
    // It was this page that changed it: that is no news.
    client.setQueryData(SESSION, NOBODY);
    return client.invalidateQueries();
  };
}

/** Takes the news away, once somebody has read it. */
export function useNewsRead(): () => void {
  const client = useQueryClient();
  return () => client.setQueryData<Answered>(SESSION, (before) => before && { ...before, news: null });
}
