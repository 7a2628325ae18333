import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ROLES, type Role } from '#storage/migrate';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { allObjects, allowedTo, attemptsAt, type DatabaseObject } from '../fixtures/privileges.js';

interface Leave {
  /** columns; `*` is all of them */
  readonly select?: string;
  readonly insert?: true;
  readonly update?: string;
  readonly delete?: true;
  readonly execute?: true;
}

const READ: Leave = { select: '*' };
const APPEND: Leave = { select: '*', insert: true };
const CALL: Leave = { execute: true };

/** All that each role may do. What is not here must be refused by the database itself. */
const LEAVE: Readonly<Record<Role, Readonly<Record<string, Leave>>>> = {
  issuer: {
    'identity.device': { ...APPEND, update: 'revoked' },
    'identity.enrolment_code': { select: '*', update: '*' },
    'identity.issuance': APPEND,
    'keys.use_case': READ,
    'keys.primary_key': { ...APPEND, update: 'evaluations' },
    'keys.rotation': READ,
    'keys.manifest': READ,
    'keys.epoch': READ,
    'keys.derived_keys': APPEND,
    'keys.current_epoch': CALL,
    'keys.first_live_epoch': CALL,
    'keys.open_for_issuance': CALL,
    'keys.draft_at': CALL,
  },
  intake: {
    'intake.spent_token': READ,
    'intake.tally': { select: '*', insert: true, update: '*' },
    'intake.accept_submission': CALL,
    'intake.count_failure': CALL,
    'keys.primary_key': READ,
    'keys.manifest': READ,
    'keys.current_epoch': CALL,
    'keys.first_live_epoch': CALL,
    'keys.is_live': CALL,
    'rounds.round': {
      select: 'id use_case epoch slot use_no state manifest_digest record record_digest closes_at evaluates',
    },
  },
  coordinator: {
    'access.api_key': { ...APPEND, update: 'revoked' },
    'access.account': { ...APPEND, update: 'role password_hash last_seen_at disabled_at' },
    'access.session': { ...APPEND, update: 'seen_at', delete: true },
    'access.invitation': { ...APPEND, update: 'accepted_at revoked_at', delete: true },
    'access.audit': APPEND,
    'access.is_good': CALL,
    'access.accept_invitation': CALL,
    'access.change_account': CALL,
    'identity.add_enrolment_code': CALL,
    'identity.revoke_enrolment_code': CALL,
    'identity.count_issued': CALL,
    'keys.use_case': { ...APPEND, update: 'state' },
    'keys.primary_key': { select: 'id use_case suite public_key first_epoch evaluations' },
    'keys.rotation': APPEND,
    'keys.manifest': { ...APPEND, update: 'leaf' },
    'keys.epoch': { ...APPEND, update: 'next_slot next_use' },
    'keys.clock': { select: '*', update: 'logged_before' },
    'keys.derived_keys': { select: '*', update: 'leaf' },
    'keys.current_epoch': CALL,
    'keys.is_live': CALL,
    'keys.announce': CALL,
    'keys.change': APPEND,
    'keys.draft_at': CALL,
    'keys.retire_epochs': CALL,
    'rounds.round': {
      ...APPEND,
      update:
        'state reason detail epoch slot use_no issued sealed_at manifest_digest model_in record record_digest opened_at closes_at leaf end_leaf wait_until base_version',
    },
    'rounds.plan': APPEND,
    'rounds.pause': { ...APPEND, delete: true },
    'rounds.model': APPEND,
    'rounds.release': READ,
    'rounds.tree': { select: 'use_case number first_epoch ended' },
    'rounds.count_accepted': CALL,
    'rounds.tally': CALL,
    'rounds.accepted_list': CALL,
    'rounds.queues': CALL,
    'rounds.queue_jobs': CALL,
    'rounds.job_failures': CALL,
    'log.entry': APPEND,
    'log.node': APPEND,
    'log.head': APPEND,
  },
  worker: {
    'intake_closed.submission': READ,
    'intake_closed.unreferenced': CALL,
    'rounds.forget_bits': CALL,
    'rounds.round': {
      select: '*',
      update:
        'state reason detail frozen_at accepted accepted_root shards model_out aggregate_digest published_at bodies_deleted norm_quantiles summed_at loss_sum accuracy_sum',
    },
    'rounds.frozen': { ...APPEND, delete: true },
    'rounds.partial': { ...APPEND, update: 'squared_norms', delete: true },
    'rounds.model': { ...APPEND, update: 'accuracy loss evaluated_at' },
    'rounds.task': READ,
    'rounds.release': APPEND,
    'rounds.tree': { ...APPEND, update: 'steps seed file_id digest ended' },
    'rounds.noise': { ...APPEND, delete: true },
    'rounds.privacy_at': CALL,
    'rounds.count_accepted': CALL,
    'rounds.has_all': CALL,
    'rounds.queues': CALL,
    'rounds.note_job_failure': CALL,
  },
};

/** Nobody but their owner, who is no process of ours. */
const NOBODYS = [
  'access.audit_id_seq',
  'access.refuse_change',
  'keys.change_number_seq',
  'intake.submission',
  'intake.failed_commit',
  'keys.incarnation',
  'keys.notify_use_case',
  'rounds.job_failure',
  'rounds.notify_round',
  'rounds.notify_model',
];

const IN_QUEUE: Leave = { select: '*', insert: true, update: '*', delete: true, execute: true };

/** The queue is the worker's, all of it; nobody else's. */
function leaveOf(role: Role, { schema, name }: DatabaseObject): Leave {
  if (schema === 'bullmq') return role === 'worker' ? IN_QUEUE : {};
  return LEAVE[role][name] ?? {};
}

/** The statements that the table above allows, in the words of `attemptsAt`. */
function expected(role: Role, object: DatabaseObject): string[] {
  const { kind, name, columns } = object;
  const leave = leaveOf(role, object);
  if (kind === 'function') return leave.execute ? [`execute ${name}`] : [];
  if (kind === 'sequence') return leave.select === undefined ? [] : [`select ${name}`, `usage ${name}`];
  const listed = (list = '', verb: string): string[] =>
    columns
      .filter((column) => list === '*' || list.split(' ').includes(column))
      .map((column) => `${verb} (${column}) ${name}`);
  return [
    ...listed(leave.select, 'select'),
    ...listed(leave.update, 'update'),
    ...(leave.insert ? [`insert ${name}`] : []),
    ...(leave.delete ? [`delete ${name}`] : []),
  ];
}

let database: TestDatabase;
let objects: DatabaseObject[];

beforeAll(async () => {
  database = await createDatabase();
  objects = await allObjects(database.admin);
});
afterAll(() => database.drop());

/** What the role can do and should not, and what it should be able to do and cannot. */
async function differences(role: Role, among: readonly DatabaseObject[]): Promise<string[]> {
  const should = among.flatMap((object) => expected(role, object));
  const can = await allowedTo(database.pool(role, 1), among.flatMap(attemptsAt));
  return [
    ...can.filter((what) => !should.includes(what)).map((what) => `may ${what}`),
    ...should.filter((what) => !can.includes(what)).map((what) => `may not ${what}`),
  ];
}

describe('database roles', () => {
  it('[ROL1] every object of our schemas is somebody’s or, by name, nobody’s', () => {
    const listed = new Set([...NOBODYS, ...ROLES.flatMap((role) => Object.keys(LEAVE[role]))]);
    const ours = objects.filter(({ schema }) => schema !== 'bullmq').map(({ name }) => name);
    expect(ours.filter((name) => !listed.has(name))).toEqual([]);
    expect([...listed].filter((name) => !ours.includes(name))).toEqual([]);
  });

  it.each(ROLES)('[ROL2] %s may do what is listed and is refused every other statement with 42501', async (role) => {
    expect(objects.filter(({ schema }) => schema === 'bullmq').length).toBeGreaterThan(20);
    expect(await differences(role, objects)).toEqual([]);
  });

  // Kills: a grant too many. The check itself must see one, or the table above proves nothing.
  it('[ROL2] a grant too many is found, down to one column', async () => {
    const { admin } = database;
    await admin.query('grant usage on schema identity to starling_intake');
    await admin.query('grant select (id) on identity.device to starling_intake');
    const device = objects.filter(({ name }) => name === 'identity.device');
    expect(await differences('intake', device)).toEqual(['may select (id) identity.device']);
    await admin.query('revoke select (id) on identity.device from starling_intake');
    await admin.query('revoke usage on schema identity from starling_intake');
    expect(await differences('intake', device)).toEqual([]);
  });

  it.each(ROLES)('[ROL3] %s cannot make objects, become another role or reach the server’s files', async (role) => {
    const statements = [
      ...new Set(objects.map(({ schema }) => `create table ${schema}.mine (x int)`)),
      'create table public.mine (x int)',
      'create schema mine',
      'create role friend',
      'alter role starling_issuer superuser',
      "select pg_read_file('PG_VERSION')",
      "copy (select 1) to program 'true'",
      `copy (select 1) to '${join(tmpdir(), 'starling-must-not-exist')}'`,
      `set role starling_${role === 'issuer' ? 'intake' : 'issuer'}`,
    ];
    const object = objects[0]!;
    const attempts = statements.map((sql) => ({ what: sql, sql, object }));
    const can = await allowedTo(database.pool(role, 1), attempts);
    expect(can).toEqual([]);
  });
});
