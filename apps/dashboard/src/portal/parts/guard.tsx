import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router';

import type { Scope } from '#protocol';

import { useSession, type Role } from '../../session/use-session.js';
import { aRole } from '../roles.js';
import { Failure } from './failure.js';

/** Which roles may do what; the coordinator decides, this only says whom to ask. */
const ROLES_WITH: Partial<Record<Scope, readonly Role[]>> = {
  'accounts:write': ['owner'],
  'keys:write': ['owner'],
  'audit:read': ['owner', 'researcher'],
  'use-cases:write': ['owner', 'researcher'],
  'rounds:write': ['owner', 'researcher'],
  'models:write': ['owner', 'researcher'],
};

const who = (scope: Scope): string => (ROLES_WITH[scope] ?? ['owner']).map((role) => `${role}s`).join(' and ');

/** Shows what it holds to those who may; to others, who may. */
export function Guard({ scope, title, children }: { scope: Scope; title: string; children: ReactNode }) {
  const { account, scopes, isKnown, error } = useSession();
  const { pathname } = useLocation();
  if (!isKnown) return <Waiting error={error} />;
  if (scopes.includes(scope)) return children;
  return (
    <section className="card notice">
      <h2 className="notice-title">{title}</h2>
      {account === null ? (
        <>
          <p>This page is for {who(scope)}. Sign in to see it.</p>
          <Link className="button" to={`/sign-in?then=${encodeURIComponent(pathname)}`}>
            Sign in
          </Link>
        </>
      ) : (
        <p>
          This page is for {who(scope)}. You are signed in as {account.name}, {aRole(account.role)}: an owner can change
          that.
        </p>
      )}
    </section>
  );
}

/** @param error  what it has come to so far; it is asked again */
export function Waiting({ error = null }: { error?: Error | null }) {
  return (
    <section className="card notice" aria-busy="true">
      <p className="notice-title">Asking the coordinator…</p>
      <div className="skeleton" aria-hidden="true" />
      <Failure error={error} />
    </section>
  );
}
