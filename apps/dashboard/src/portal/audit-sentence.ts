import type { AuditEntry } from '#protocol';

import { plural } from '../figures.js';
import { aRole } from './roles.js';

type Detail = AuditEntry['detail'][string];
type Details = AuditEntry['detail'];
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
  'round.abort': about('aborted'),
  'round.retry': about('started again'),
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
export function sentenceOf({ actor, act, subject, detail, round }: AuditEntry): string {
  const phrase = PHRASES[act] ?? about(act.replaceAll(/[._:-]/g, ' '));
  const { outcome } = detail;
  const said = `${nameOf(actor)} ${phrase(named(act, subject, round), detail)}`;
  return typeof outcome === 'string' && outcome !== 'done' ? `${said}: refused (${outcome}).` : `${said}.`;
}

/** Rounds by their number; only what names none that there is by its id. */
function named(act: string, subject: string | null, round: AuditEntry['round']): string {
  if (round !== null) return `round ${round.round} of ${round.useCase}`;
  return act.startsWith('round.') && subject !== null ? `the round ${subject}` : (subject ?? '');
}

function nameOf({ kind, name }: AuditEntry['actor']): string {
  if (kind === 'api-key') return `The API key ${name}`;
  return kind === 'command' ? `The command ${name}` : name;
}
