import { z } from 'zod';

/** All that somebody can do: each request that changes something is one of them. */
export const ACTS = [
  'session.sign-in',
  'session.sign-out',
  'session.password',
  'account.change',
  'invitation.create',
  'invitation.revoke',
  'invitation.accept',
  'api-key.create',
  'api-key.revoke',
  'enrolment-code.create',
  'enrolment-code.revoke',
  'use-case.create',
  'use-case.change',
  'use-case.pause',
  'use-case.resume',
  'primary-key.rotate',
  'epoch.retire',
  'rounds.start',
  'evaluation.start',
  'round.abort',
  'round.retry',
  'file.upload',
  'device.revoke',
  'deployment.backup',
  'deployment.restore',
  'master-key.change',
] as const;
export type Act = (typeof ACTS)[number];

export const ACTOR_KINDS = ['account', 'api-key', 'command'] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** Who acts: an account or an API key by its name, or a command on the database itself. */
export interface Actor {
  readonly kind: ActorKind;
  readonly name: string;
}

export type AuditDetail = Readonly<Record<string, string | number | boolean | null>>;

/** What the audit log is told. `detail.outcome` is `done`, or the code of the refusal. */
export interface AuditNote {
  readonly actor: Actor;
  readonly act: Act;
  /** what it was about: an id or a name, never a secret */
  readonly subject: string | null;
  readonly detail: AuditDetail;
}

export interface AuditEntry extends AuditNote {
  readonly id: number;
  /** ISO 8601 */
  readonly at: string;
  /** the round whose id is the subject, as people call it; null where the subject is something else */
  readonly round: { readonly useCase: string; readonly round: number } | null;
}

/** Newest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** what `before` is to be for the page after this one; null for the last */
  readonly next: number | null;
}

/** Query parameters are texts. */
export const AuditBefore = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional();
export const AuditLimit = z.coerce.number().int().min(1).max(500).default(100);
