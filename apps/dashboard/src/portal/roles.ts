import type { Role } from '../session/use-session.js';

export const ROLES: readonly Role[] = ['viewer', 'researcher', 'owner'];

/** `an owner`, `a viewer` */
export const aRole = (role: string): string => `${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role}`;

export const ROLE_MEANINGS: Readonly<Record<Role, string>> = {
  viewer: 'you see use cases, rounds, models and operations',
  researcher: 'you create use cases, start rounds and read the audit log',
  owner: 'you may do everything, and say who else may do what',
};
