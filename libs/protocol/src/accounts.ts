import { z } from 'zod';

import { SCOPES, type Scope } from './coordinator-messages.js';
import { hex, text } from './message-fields.js';

/** What an account may do: a set of scopes by name. */
export const ACCOUNT_ROLES = ['owner', 'researcher', 'viewer'] as const;
export type AccountRole = (typeof ACCOUNT_ROLES)[number];

const VIEWER: readonly Scope[] = ['models:read', 'operations:read'];
const RESEARCHER: readonly Scope[] = [...VIEWER, 'use-cases:write', 'rounds:write', 'models:write', 'audit:read'];

export const SCOPES_OF: Readonly<Record<AccountRole, readonly Scope[]>> = {
  owner: SCOPES,
  researcher: RESEARCHER,
  viewer: VIEWER,
};

/** On every request that changes something by a cookie: a form of another page cannot send it. */
export const PORTAL_HEADER = 'x-starling';
export const PORTAL_HEADER_VALUE = '1';

const AccountName = z.string().regex(/^[a-z0-9._-]{2,40}$/, 'two to 40 of a-z, 0-9, dot, dash and underscore');
/** What is typed is compared, never shown: any characters will do. */
const Password = z.string().min(12, 'a password has at least 12 characters').max(256);
/** What a stranger may send where a password is asked for. */
const Attempt = z.string().min(1).max(256);

export const SignIn = z.strictObject({ name: z.string().min(1).max(80), password: Attempt });
export type SignIn = z.infer<typeof SignIn>;

export const ChangePassword = z.strictObject({ current: Attempt, next: Password });
export type ChangePassword = z.infer<typeof ChangePassword>;

export const ChangeAccount = z
  .strictObject({ role: z.enum(ACCOUNT_ROLES).optional(), disabled: z.boolean().optional() })
  .refine(({ role, disabled }) => role !== undefined || disabled !== undefined, 'role or disabled');
export type ChangeAccount = z.infer<typeof ChangeAccount>;

export const AccountId = hex(16);

export const CreateInvitation = z.strictObject({
  role: z.enum(ACCOUNT_ROLES),
  expiresInSeconds: z.int().min(60).max(2_592_000).default(604_800),
});
export type CreateInvitation = z.infer<typeof CreateInvitation>;

export const RevokeInvitation = z.strictObject({ id: hex(16) });
export type RevokeInvitation = z.infer<typeof RevokeInvitation>;

export const AcceptInvitation = z.strictObject({ token: text(64), name: AccountName, password: Password });
export type AcceptInvitation = z.infer<typeof AcceptInvitation>;

/** An account as people see it. Times are ISO 8601. */
export interface AccountView {
  readonly id: string;
  readonly name: string;
  readonly role: AccountRole;
  readonly createdAt: string;
  /** to the minute */
  readonly lastSeenAt: string | null;
  readonly disabledAt: string | null;
}

/** Who is signed in. */
export type SessionView =
  { readonly account: null } | { readonly account: AccountView; readonly scopes: readonly Scope[] };

/** An invitation when it is made, and never again: the token is kept as a hash. */
export interface NewInvitation {
  readonly id: string;
  readonly token: string;
  readonly role: AccountRole;
  readonly expiresAt: string;
}

export interface InvitationView {
  readonly id: string;
  readonly role: AccountRole;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly acceptedAt: string | null;
  readonly revokedAt: string | null;
}

/** Where an invitation is accepted. What is behind # is sent to no server, so that no log has it. */
export const invitationAddress = (coordinator: string, token: string): string =>
  `${coordinator}/ui/#/join?token=${token}`;
