import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { AuditPage, SessionView } from '#protocol';

import { dumpTables } from '../fixtures/dump.js';
import { ask, codeOf } from '../fixtures/http.js';
import { invite, newPerson, PASSWORD, Person } from '../fixtures/person.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

let starling: TestStarling;
/** All that nobody but its owner may have. */
const secrets = new Set<string>([PASSWORD]);
beforeAll(async () => void (starling = await startStarling({ without: ['intake', 'worker', 'issuer'] })), 120_000);
afterAll(() => starling.stop());

const newest = async (limit: number) =>
  ((await starling.researcher.call(`/audit?limit=${limit}`)).json as AuditPage).entries;
const accountOf = ({ json }: { json: unknown }): SessionView['account'] => (json as SessionView).account;
const remember = (person: Person): string => {
  secrets.add(person.cookie!);
  return person.cookie!;
};

describe('accounts', () => {
  it('[PRT1] an invitation makes one account of its role, which signs in by name and password and out again', async () => {
    const { researcher, coordinator } = starling;
    const ann = new Person(coordinator, 'ann');
    expect(await ann.ask('/session')).toMatchObject({ status: 200, json: { account: null } });
    const token = await invite(researcher, 'researcher');
    secrets.add(token);
    const joined = await ann.join(token);
    const account = { name: 'ann', role: 'researcher', disabledAt: null };
    expect(joined).toMatchObject({ status: 201, json: { account } });
    expect(joined.cookie).toMatch(
      /^starling-session=[\w-]{43}; Max-Age=604800; Path=\/v1; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
    remember(ann);
    expect(await ann.code('/models')).toBe('status 200');
    expect(codeOf(await new Person(coordinator, 'bob').join(token))).toBe('not_found');
    expect(await ann.ask('/session', { method: 'DELETE' })).toMatchObject({ status: 200, json: { signedOut: true } });
    expect(ann.cookie).toBeUndefined();
    expect(await ann.code('/models')).toBe('unauthorized');
    expect(codeOf(await ann.signIn('another password'))).toBe('unauthorized');
    expect(accountOf(await ann.signIn())).toMatchObject({ name: 'ann' });
    expect((await newest(5)).map(({ act, actor, detail }) => [act, actor.name, detail['outcome']])).toEqual([
      ['session.sign-in', 'ann', 'done'],
      ['session.sign-in', 'ann', 'unauthorized'],
      ['session.sign-out', 'ann', 'done'],
      ['invitation.accept', 'ann', 'done'],
      ['invitation.create', 'bootstrap', 'done'],
    ]);
  });

  // Kills: an answer that tells which of the two was wrong; a name in the log that may be somebody's password.
  it('[PRT1] a wrong name and a wrong password get the same answer; what nobody is called is not written down', async () => {
    const wrongPassword = await new Person(starling.coordinator, 'ann').signIn('not this one');
    const wrongName = await new Person(starling.coordinator, 'my password, oh no').signIn();
    expect(wrongName).toEqual(wrongPassword);
    expect(wrongName.json).toEqual({ code: 'unauthorized', message: 'Name and password do not go together.' });
    expect((await newest(2)).map(({ actor }) => actor.name)).toEqual(['?', 'ann']);
  });

  it('[PRT1] a name is short and plain, a password at least twelve characters, and neither is in the refusal', async () => {
    const token = await invite(starling.researcher, 'viewer');
    for (const [name, password] of [
      ['a', PASSWORD],
      ['Ann', PASSWORD],
      ['a b', PASSWORD],
      ['a'.repeat(41), PASSWORD],
      ['good', 'eleven char'],
      ['good', 'x'.repeat(257)],
    ] as const) {
      const refused = await new Person(starling.coordinator, name).join(token, password);
      expect(codeOf(refused)).toBe('malformed_message');
      expect(refused.text).not.toContain(password);
    }
    expect(codeOf(await new Person(starling.coordinator, 'ann').join(token))).toBe('wrong_state');
    expect((await new Person(starling.coordinator, 'good').join(token)).status).toBe(201);
  });
});

describe('sessions', () => {
  let eve: Person;
  beforeAll(async () => {
    eve = await newPerson(starling.researcher, 'eve', 'owner');
  });

  // Kills: a cookie that is enough.
  it('[PRT3] nothing is changed by a cookie alone, nor from a page of another origin', async () => {
    remember(eve);
    const act = (headers: Record<string, string>) => eve.code('/invitations', { body: { role: 'viewer' }, headers });
    const { host, origin } = new URL(starling.coordinator);
    expect(await act({ 'x-starling': '' })).toBe('forbidden');
    expect(await act({ origin: 'http://evil.example' })).toBe('forbidden');
    expect(await act({ origin: `http://${host}.evil.example` })).toBe('forbidden');
    expect(await act({ origin })).toBe('status 201');
    expect(await eve.code('/session', { method: 'DELETE', headers: { 'x-starling': '' } })).toBe('forbidden');
    const body = { name: 'eve', password: PASSWORD };
    expect(await eve.code('/session', { body, headers: { origin: 'http://evil.example' } })).toBe('forbidden');
    // Reading needs no header; who has an API key needs none either.
    expect(await eve.code('/accounts', { headers: { 'x-starling': '' } })).toBe('status 200');
    expect((await starling.researcher.call('/invitations', { role: 'viewer' })).status).toBe(201);
  });

  // Kills: a token that a stranger has set, or that outlives signing in.
  it('[PRT4] signing in always makes a token of its own, and ends the one that came with it', async () => {
    const { coordinator } = starling;
    const victim = new Person(coordinator, 'eve');
    victim.cookie = 'A'.repeat(43); // set by somebody else
    await victim.signIn();
    const first = remember(victim);
    expect(first).not.toBe('A'.repeat(43));
    expect(accountOf(await withCookie('A'.repeat(43)))).toBeNull();
    await victim.signIn();
    expect(remember(victim)).not.toBe(first);
    expect(accountOf(await withCookie(first))).toBeNull();
    expect(accountOf(await victim.ask('/session'))).toMatchObject({ name: 'eve' });
  });

  // Kills: sessions that a thief keeps.
  it('[PRT4] another password ends the other sessions of the account and no other, and wants the current one', async () => {
    const [here, there] = [new Person(starling.coordinator, 'eve'), new Person(starling.coordinator, 'eve')];
    await here.signIn();
    await there.signIn();
    const next = 'quite another password';
    secrets.add(next);
    const change = (current: string) => here.code('/session/password', { body: { current, next } });
    expect(await change('not the current one')).toBe('unauthorized');
    expect(await change(PASSWORD)).toBe('status 200');
    expect(accountOf(await here.ask('/session'))).toMatchObject({ name: 'eve' });
    expect(accountOf(await there.ask('/session'))).toBeNull();
    expect(codeOf(await there.signIn())).toBe('unauthorized');
    expect((await there.signIn(next)).status).toBe(200);
    remember(there);
  });

  const withCookie = (token: string) =>
    ask(`${starling.coordinator}/v1/session`, { headers: { cookie: `starling-session=${token}` } });
});

describe('invitations', () => {
  it('[PRT5] accepted by four at once it makes one account', async () => {
    const token = await invite(starling.researcher, 'viewer');
    const names = ['one', 'two', 'three', 'four'];
    const answers = await Promise.all(names.map((name) => new Person(starling.coordinator, name).join(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 404, 404, 404]);
    const accounts = (await starling.researcher.call('/accounts')).json as { name: string }[];
    expect(accounts.filter(({ name }) => names.includes(name)).length).toBe(1);
  });

  it('[PRT5] a revoked one makes none; one that was accepted is not revoked any more', async () => {
    const { researcher, coordinator } = starling;
    const made = (await researcher.call('/invitations', { role: 'viewer' })).json as { id: string; token: string };
    expect((await researcher.call('/invitations/revoke', { id: made.id })).json).toEqual({ revoked: true });
    expect(codeOf(await new Person(coordinator, 'late').join(made.token))).toBe('not_found');
    const listed = (await researcher.call('/invitations')).json as { id: string; acceptedAt: string | null }[];
    const accepted = listed.find(({ acceptedAt }) => acceptedAt !== null)!;
    expect(codeOf(await researcher.call('/invitations/revoke', { id: accepted.id }))).toBe('wrong_state');
    expect(codeOf(await researcher.call('/invitations/revoke', { id: '0'.repeat(32) }))).toBe('not_found');
    expect(JSON.stringify(listed)).not.toContain(made.token);
  });
});

describe('what is kept', () => {
  // Kills: a secret that is logged, stored as it is, or in an entry of the audit log.
  it('[PRT9] no password, session, invitation or key is in the tables, the audit log or what the process prints', async () => {
    const { researcher, database } = starling;
    const made = (await researcher.call('/api-keys', { name: 'a key', scopes: ['models:read'] })).json as {
      key: string;
    };
    secrets.add(made.key).add(researcher.apiKey);
    const everything = [
      ...(await dumpTables(database.admin, ['access', 'keys', 'rounds'])).keys(),
      JSON.stringify(await newest(500)),
      starling.log('coordinator'),
    ].join('\n');
    expect(secrets.size).toBeGreaterThan(8);
    // The dump is in lower case.
    const held = [...secrets].filter((secret) =>
      [secret, secret.toLowerCase()].some((text) => everything.includes(text)),
    );
    expect(held).toEqual([]);
    expect(starling.log('coordinator')).toBe('');
  });
});
