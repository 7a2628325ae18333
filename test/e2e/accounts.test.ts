import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { AuditPage, SessionView } from '#protocol';

import { invite, Person } from '../fixtures/person.js';
import { codeOf } from '../fixtures/http.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

let starling: TestStarling;
beforeAll(async () => void (starling = await startStarling({ without: ['intake', 'worker', 'issuer'] })));
afterAll(() => starling.stop());

const audit = async (limit = 20): Promise<AuditPage> =>
  (await starling.researcher.call(`/audit?limit=${limit}`)).json as AuditPage;
const accountOf = ({ json }: { json: unknown }): SessionView['account'] => (json as SessionView).account;

describe('accounts', () => {
  it('[PRT1] an invitation makes one account of its role, which signs in by name and password and out again', async () => {
    const { researcher, coordinator } = starling;
    const ann = new Person(coordinator, 'ann');
    expect(await ann.ask('/session')).toMatchObject({ status: 200, json: { account: null } });
    const token = await invite(researcher, 'researcher');
    const joined = await ann.join(token);
    expect(joined).toMatchObject({
      status: 201,
      json: { account: { name: 'ann', role: 'researcher', disabledAt: null } },
    });
    expect(joined.cookie).toMatch(
      /^starling-session=[\w-]{43}; Max-Age=604800; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
    expect(await ann.code('/models')).toBe('status 200');
    expect(codeOf(await new Person(coordinator, 'bob').join(token))).toBe('not_found');
    expect(await ann.ask('/session', { method: 'DELETE' })).toMatchObject({ status: 200, json: { signedOut: true } });
    expect(ann.cookie).toBeUndefined();
    expect(await ann.code('/models')).toBe('unauthorized');
    expect(codeOf(await ann.signIn('another password'))).toBe('unauthorized');
    expect(accountOf(await ann.signIn())).toMatchObject({ name: 'ann' });
    expect((await audit(5)).entries.map(({ act, actor, detail }) => [act, actor.name, detail['outcome']])).toEqual([
      ['session.sign-in', 'ann', 'done'],
      ['session.sign-in', 'ann', 'unauthorized'],
      ['session.sign-out', 'ann', 'done'],
      ['invitation.accept', 'ann', 'done'],
      ['invitation.create', 'bootstrap', 'done'],
    ]);
  });
});
