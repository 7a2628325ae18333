import { plural } from '../figures.js';
import { aRole } from './roles.js';

type Detail = string | number | boolean | null;

/** A line of the audit log, as the coordinator tells it. */
export interface AuditEntry {
  readonly id: number;
  readonly at: string;
  readonly actor: { readonly kind: 'account' | 'api-key' | 'command'; readonly name: string };
  readonly act: string;
  readonly subject: string | null;
  readonly detail: Readonly<Record<string, Detail>>;
}

type Details = Readonly<Record<string, Detail>>;
type Phrase = (subject: string, detail: Details) => string;

const about =
  (words: string): Phrase =>
  (subject) =>
    subject === '' ? words : `${words} ${subject}`;

/** What was refused at once has no subject. */
const of = (subject: string): string => (subject === '' ? '' : ` of ${subject}`);

const isNumber = (value: Detail | undefined): value is number => typeof value === 'number';

/** By act, as somebody would say it. */
const PHRASES: Readonly<Record<string, Phrase>> = {
  'session.sign-in': () => 'signed in',
  'session.sign-out': () => 'signed out',
  'session.password': () => 'changed the password',
  'account.change': changeOf,
  'invitation.create': (_, { role }) => `invited ${aRole(String(role ?? 'person'))}`,
  'invitation.revoke': () => 'revoked an invitation',
  'invitation.accept': (_, { role }) =>
    `joined${typeof role === 'string' ? ` as ${aRole(role)}` : ''} by an invitation`,
  'api-key.create': about('made the API key'),
  'api-key.revoke': about('revoked the API key'),
  'enrolment-code.create': (subject, { uses }) =>
    `made an enrolment code${of(subject)}${isNumber(uses) ? ` for ${plural(uses, 'device')}` : ''}`,
  'enrolment-code.revoke': about('revoked an enrolment code'),
  'use-case.create': about('created the use case'),
  'use-case.change': about('changed the use case'),
  'use-case.pause': about('paused'),
  'use-case.resume': about('resumed'),
  'primary-key.rotate': about('asked for another key of'),
  'epoch.retire': about('retired the current epochs of'),
  'rounds.start': (subject, { count }) =>
    `started ${isNumber(count) ? plural(count, 'round') : 'rounds'}${of(subject)}`,
  'evaluation.start': about('started a measurement of'),
  'round.abort': about('aborted the round'),
  'round.retry': about('started again the round'),
  'file.upload': () => 'uploaded a file',
  'device.revoke': about('revoked a device'),
  'deployment.backup': (_, { withSecrets }) => `made a backup${withSecrets === true ? ' with secrets in it' : ''}`,
  'deployment.restore': () => 'restored the deployment from a backup',
  'master-key.change': () => 'changed the master key',
};

/** People have names; their ids say nothing. */
function changeOf(id: string, { name, role, disabled }: Details): string {
  const subject = typeof name === 'string' ? name : `the account ${id}`;
  if (disabled === true) return `disabled ${subject}`;
  if (disabled === false) return `enabled ${subject}`;
  return typeof role === 'string' ? `made ${subject} ${aRole(role)}` : `changed ${subject}`;
}

/** `ann started 5 rounds of digits`; what was refused says so. */
export function sentenceOf({ actor, act, subject, detail }: AuditEntry): string {
  const phrase = PHRASES[act] ?? about(act.replaceAll(/[._:-]/g, ' '));
  const { outcome } = detail;
  const said = `${nameOf(actor)} ${phrase(subject ?? '', detail)}`;
  return typeof outcome === 'string' && outcome !== 'done' ? `${said}: refused (${outcome}).` : `${said}.`;
}

function nameOf({ kind, name }: AuditEntry['actor']): string {
  if (kind === 'api-key') return `The API key ${name}`;
  return kind === 'command' ? `The command ${name}` : name;
}
