import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ACTS, type AuditPage } from '#protocol';

import { ask } from '../fixtures/http.js';
import { invite, newPerson, PASSWORD, Person } from '../fixtures/person.js';
import { filled, routesOf, SCOPE_OF } from '../fixtures/routes.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

/** What each role may do, written down once more. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  nobody: [],
  viewer: ['models:read', 'operations:read'],
  researcher: ['models:read', 'operations:read', 'use-cases:write', 'rounds:write', 'models:write', 'audit:read'],
  owner: [
    ...['models:read', 'operations:read', 'use-cases:write', 'rounds:write', 'models:write', 'audit:read'],
    ...['keys:write', 'accounts:write'],
  ],
};

/** Those that write nothing down, with the reason. */
const NO_ACTS: Readonly<Record<string, string>> = {
  'post /v1/use-cases/preview': 'it creates nothing, and is asked at every key',
};

/** Where an empty request is refused before anybody is known. */
const BODIES: Record<string, unknown> = {
  'post /v1/session': { name: 'researcher', password: 'no password of anybody' },
};

let starling: TestStarling;
let routes: string[];
const people = new Map<string, Person>();
beforeAll(async () => {
  starling = await startStarling({ without: ['intake', 'worker', 'issuer'] });
  routes = await routesOf(starling.coordinator);
  for (const role of ['viewer', 'researcher', 'owner']) {
    people.set(role, await newPerson(starling.researcher, role, role));
  }
  // The name is taken already.
  const token = await invite(starling.researcher, 'viewer');
  BODIES['post /v1/invitations/accept'] = { token, name: 'viewer', password: PASSWORD };
  people.set('nobody', new Person(starling.coordinator, 'nobody'));
}, 120_000);
afterAll(() => starling.stop());

async function statusFor(who: Person, route: string): Promise<number> {
  const [method, path] = route.split(' ') as [string, string];
  const cookie = who.cookie === undefined ? {} : { cookie: `starling-session=${who.cookie}` };
  const headers = { 'x-starling': '1', ...cookie };
  const question = { method: method.toUpperCase(), headers, body: BODIES[route] };
  return (await ask(`${starling.coordinator}${filled(path)}`, question)).status;
}

/** Signing out comes last, and is for everybody. */
const SIGN_OUT = 'delete /v1/session';

describe('roles', () => {
  // Kills: a route without its scope, a role with a scope too many or too few.
  it.each(Object.keys(MAY))('[PRT2] %s may ask for just the routes whose scope the role has', async (role) => {
    const who = people.get(role)!;
    for (const route of routes.filter((route) => route !== SIGN_OUT)) {
      const scope = SCOPE_OF[route];
      const isOpen = scope === null && !(role === 'nobody' && route === 'post /v1/session/password');
      const isAllowed = isOpen || MAY[role]!.includes(scope!);
      const status = await statusFor(who, route);
      const said = status === 401 && route !== 'post /v1/session' ? 'who?' : status === 403 ? 'no' : 'yes';
      expect({ role, route, said }).toEqual({
        role,
        route,
        said: isAllowed ? 'yes' : role === 'nobody' ? 'who?' : 'no',
      });
    }
  });

  it('[PRT2] another role counts from the next request on', async () => {
    const { researcher } = starling;
    const person = await newPerson(researcher, 'climber', 'viewer');
    const { account } = (await person.ask('/session')).json as { account: { id: string } };
    expect(await person.code('/rounds/no-round/abort', { body: {} })).toBe('forbidden');
    expect((await researcher.call(`/accounts/${account.id}`, { role: 'owner' })).status).toBe(200);
    expect(await person.code('/accounts')).toBe('status 200');
    expect((await researcher.call(`/accounts/${account.id}`, { disabled: true })).status).toBe(200);
    expect(await person.code('/accounts')).toBe('unauthorized');
  });
});

describe('the audit log', () => {
  const newest = async (): Promise<AuditPage['entries'][number]> =>
    ((await starling.researcher.call('/audit?limit=1')).json as AuditPage).entries[0]!;

  // Kills: an entry after the answer or none; a new route that changes something and is forgotten.
  it('[AUD1] every route that is not read-only writes an entry before it answers, or says why not', async () => {
    const owner = people.get('owner')!;
    const writes = routes.filter((route) => !route.startsWith('get ') && route !== SIGN_OUT);
    const acts = new Set<string>();
    for (const route of [...writes, SIGN_OUT]) {
      const before = (await newest()).id;
      const status = await statusFor(owner, route);
      const { id, act, actor, detail } = await newest();
      expect({ route, isWritten: id > before }).toEqual({ route, isWritten: !(route in NO_ACTS) });
      if (id === before) continue;
      expect({ route, isDone: detail['outcome'] === 'done' }).toEqual({ route, isDone: status < 300 });
      if (!(route in BODIES)) expect({ route, actor }).toEqual({ route, actor: { kind: 'account', name: 'owner' } });
      acts.add(act);
    }
    // By commands on the database, and nothing else
    expect(ACTS.filter((act) => !acts.has(act))).toEqual([
      'device.revoke',
      'deployment.backup',
      'deployment.restore',
      'master-key.change',
    ]);
  });

  // Kills: entries of refusals only, or ones that do not say what they are about.
  it('[AUD1] what was done, by whom and about what, and nothing that opens anything', async () => {
    const owner = await newPerson(starling.researcher, 'doer', 'owner');
    const made = await owner.ask('/api-keys', { body: { name: 'for ann', scopes: ['models:read', 'audit:read'] } });
    expect(made.status).toBe(201);
    const entry = await newest();
    expect(entry).toMatchObject({
      actor: { kind: 'account', name: 'doer' },
      act: 'api-key.create',
      subject: 'for ann',
      detail: { scopes: 'models:read,audit:read', outcome: 'done' },
    });
    expect(JSON.stringify(entry)).not.toContain((made.json as { key: string }).key);
    const { digest } = (await owner.ask('/blobs', { body: new Uint8Array(9) })).json as { digest: string };
    expect(await newest()).toMatchObject({ act: 'file.upload', subject: digest, detail: { outcome: 'done' } });
  });

  // Kills: a guard that throws before anybody writes.
  it('[AUD1] also what a role was too little for, with its code', async () => {
    const viewer = people.get('viewer')!;
    expect(await viewer.code('/invitations', { body: { role: 'owner' } })).toBe('forbidden');
    expect(await newest()).toMatchObject({
      actor: { kind: 'account', name: 'viewer' },
      act: 'invitation.create',
      detail: { outcome: 'forbidden' },
    });
    expect(await viewer.signIn(PASSWORD)).toMatchObject({ status: 200 });
    expect(await newest()).toMatchObject({ act: 'session.sign-in', detail: { outcome: 'done' } });
  });
});
