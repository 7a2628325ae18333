import { NavLink } from 'react-router';

import type { Scope } from '#protocol';

import { useSession } from '../session/use-session.js';

interface Place {
  readonly to: string;
  readonly name: string;
  /** shown to those who have it; to everybody where left out */
  readonly scope?: Scope;
}

const PLACES: readonly Place[] = [
  { to: '/', name: 'Overview' },
  { to: '/use-cases', name: 'Use cases' },
  { to: '/models', name: 'Models' },
  { to: '/log', name: 'Log' },
  { to: '/operations', name: 'Operations', scope: 'operations:read' },
  { to: '/people', name: 'People', scope: 'accounts:write' },
  { to: '/api-keys', name: 'API keys', scope: 'keys:write' },
  { to: '/audit', name: 'Audit', scope: 'audit:read' },
];

export function Navigation() {
  const { scopes } = useSession();
  const open = PLACES.filter(({ scope }) => scope === undefined || scopes.includes(scope));
  return (
    <nav className="navigation" aria-label="Pages">
      <ul>
        {open.map(({ to, name }) => (
          <li key={to}>
            <NavLink to={to} end={to === '/'}>
              {name}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
