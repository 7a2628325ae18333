import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { commandsOf } from '../fixtures/admin-command.js';
import { TestDevice } from '../fixtures/device.js';
import { ask, codeOf } from '../fixtures/http.js';
import { pick } from '../fixtures/researcher.js';
import { filled, routesOf, SCOPE_OF } from '../fixtures/routes.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

let starling: TestStarling;
beforeAll(async () => {
  starling = await startStarling({
    issuers: [{ ENROLMENTS_PER_CODE_PER_MINUTE: '3' }],
    coordinator: { WRONG_KEYS_PER_MINUTE: '3', SIGN_INS_PER_MINUTE: '3' },
    without: ['worker'],
  });
}, 120_000);
afterAll(() => starling.stop());

const sizeOf = ({ headers }: Response): number => Number(headers.get('content-length'));
const everywhere = () => [starling.coordinator, starling.issuer, starling.intake];

describe('the HTTP side', () => {
  // Kills: a new route without a scope, or one whose scope somebody forgot.
  it('[SEC1] every route of the coordinator is known, and those that write or list keys or models want a scope', async () => {
    expect(await routesOf(starling.coordinator)).toEqual(Object.keys(SCOPE_OF).sort());
    const key = await starling.researcher.call('/api-keys', { name: 'almost none', scopes: ['models:write'] });
    const authorization = `Bearer ${pick<string>(key, 'key')}`;
    for (const [route, scope] of Object.entries(SCOPE_OF)) {
      const [method, path] = route.split(' ') as [string, string];
      const { status } = await ask(`${starling.coordinator}${filled(path)}`, {
        method: method.toUpperCase(),
        headers: { authorization },
      });
      const isRefused = scope !== null && scope !== 'models:write';
      expect({ route, isRefused: status === 403 }).toEqual({ route, isRefused });
    }
  });

  // Kills: headers on good answers only, or on those of Nest's routes only.
  it('[SEC2] every answer says what a browser may do with it; answers that are no page may load nothing', async () => {
    for (const url of everywhere()) {
      for (const path of ['/health', '/nothing-here', '/v1/use-cases/none/manifest', '/ui/index.html']) {
        const { headers } = await fetch(`${url}${path}`);
        const isPage = path.startsWith('/ui') && url === starling.coordinator;
        expect({ url, path, policy: headers.get('content-security-policy') }).toEqual({
          url,
          path,
          policy: isPage
            ? expect.stringMatching(/^default-src 'self'; .*frame-ancestors 'none'/)
            : "default-src 'none'; frame-ancestors 'none'",
        });
        expect(headers.get('content-security-policy')).not.toContain('unsafe');
        expect(Object.fromEntries(headers)).toMatchObject({
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cross-origin-opener-policy': 'same-origin',
          'permissions-policy': expect.stringContaining('camera=()'),
        });
        expect(headers.get('x-powered-by')).toBeNull();
        expect(headers.get('strict-transport-security')).toBeNull(); // there is no TLS here
      }
    }
  });

  // Kills: pages sent whole to all; a compressed page without its type, or kept for whoever cannot read it.
  it('[DSH12] sends its pages compressed to who can read that, whole to who cannot, and their files for good', async () => {
    for (const page of ['/ui/', '/take-part/']) {
      const html = await (await fetch(`${starling.coordinator}${page}`)).text();
      const script = `${starling.coordinator}${page}${/src="[.]\/(assets\/[\w.-]+[.]js)"/.exec(html)![1]}`;
      const [packed, whole] = await Promise.all(
        ['gzip', 'identity'].map((encoding) => fetch(script, { headers: { 'accept-encoding': encoding } })),
      );
      for (const { headers } of [packed!, whole!]) {
        expect(headers.get('content-type')).toMatch(/^text\/javascript/);
        expect(headers.get('cache-control')).toContain('immutable');
        expect(headers.get('vary')).toBe('Accept-Encoding');
      }
      expect(packed!.headers.get('content-encoding')).toBe('gzip');
      expect(whole!.headers.get('content-encoding')).toBeNull();
      expect(3 * sizeOf(packed!)).toBeLessThan(1.2 * sizeOf(whole!));
      expect(await packed!.text()).toBe(await whole!.text());
    }
    const again = await fetch(`${starling.coordinator}/ui/index.html`);
    expect(again.headers.get('cache-control')).not.toContain('immutable');
    for (const path of ['nothing.js', '%E0%A4%A', '..%2f..%2fpackage.json', '__proto__'])
      expect(codeOf(await ask(`${starling.coordinator}/ui/${path}`))).toBe('not_found');
  });

  // Kills: parameters or fields that nobody reads.
  it('[SEC3] what a route does not name is refused, in the query and in the body', async () => {
    const { researcher, coordinator, issuer } = starling;
    const { useCase } = await researcher.createUseCase();
    const [id] = await researcher.startRounds(useCase);
    const refused = [
      ask(`${coordinator}/v1/rounds?usecase=${useCase}`),
      ask(`${coordinator}/v1/rounds?useCase=${useCase}&x=1`),
      ask(`${coordinator}/v1/rounds/${id}?x`),
      ask(`${coordinator}/v1/log/head?x=1`),
      ask(`${coordinator}/health?x=1`),
      ask(`${issuer}/v1/use-cases/${useCase}/manifest?x=1`),
      ask(`${coordinator}/v1/rounds/no-uuid`),
      ask(`${coordinator}/v1/use-cases/UPPER/manifest`),
      researcher.call(`/rounds/${id}/abort`, { x: 1 }),
      researcher.call(`/use-cases/${useCase}/retire-epoch`, { x: 1 }),
      researcher.call(`/use-cases/${useCase}/enrolment-codes`, { uses: 1, x: 1 }),
      ask(`${issuer}/v1/devices`, { body: { x: 1 } }),
    ];
    const codes = (await Promise.all(refused)).map(codeOf);
    expect(codes).toEqual(refused.map(() => 'malformed_message'));
    expect(codeOf(await ask(`${coordinator}/v1/rounds?useCase=${useCase}`))).toBe('status 200');
    expect((await researcher.round(id!)).state).toBe('scheduled');
  });

  // Kills: a limit after the signature and the database were asked; one that a good key also counts towards.
  it('[SEC4] attempts to enrol and wrong API keys are limited; who comes back is told when', async () => {
    const { researcher, coordinator, issuer } = starling;
    const manifest = await researcher.createUseCase();
    const code = await researcher.enrolmentCode(manifest.useCase, 50);
    const attempt = (with_: string) => new TestDevice({ issuer, manifest, code: with_ }).enrol();
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await attempt(code));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 429]);
    expect(answers[3]!.json).toMatchObject({ code: 'rate_limited', retryAfterMs: expect.any(Number) });
    expect(codeOf(await attempt('another'))).toBe('invalid_code'); // the limit is that code's

    const knock = () => ask(`${coordinator}/v1/models`, { headers: { authorization: `Bearer ${random()}` } });
    for (let i = 0; i < 20; i++) expect((await researcher.call('/models')).status).toBe(200);
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push(codeOf(await knock()));
    expect(codes).toEqual(['unauthorized', 'unauthorized', 'unauthorized', 'rate_limited']);
    expect(starling.log('coordinator')).toBe('');
  });
});

describe('signing in', () => {
  // Kills: limits that only failed tries count for, which all go past at once; one for names or addresses alone.
  it('[PRT8] is limited a minute, for one address and to one account, and says when to come back', async () => {
    const signIn = (name: string, from: string) =>
      ask(`${starling.coordinator}/v1/session`, { body: { name, password: 'a password of nobody' }, from });
    const many = await Promise.all(Array.from({ length: 6 }, () => signIn('ann', '127.0.0.2')));
    expect(many.map(codeOf).sort()).toEqual([...Array(3).fill('rate_limited'), ...Array(3).fill('unauthorized')]);
    const refused = many.find((answer) => codeOf(answer) === 'rate_limited')!;
    expect(refused).toMatchObject({ status: 429, json: { retryAfterMs: expect.any(Number) } });
    expect(codeOf(await signIn('bob', '127.0.0.2'))).toBe('rate_limited');
    expect(codeOf(await signIn('ann', '127.0.0.3'))).toBe('rate_limited');
    expect(codeOf(await signIn('bob', '127.0.0.3'))).toBe('unauthorized');
  });
});

const random = (): string => randomBytes(24).toString('base64url');

describe('taking back', () => {
  let other: TestStarling;
  beforeAll(async () => {
    other = await startStarling({ without: ['worker', 'intake'] });
  }, 60_000);
  afterAll(() => other.stop());

  it('[SEC5] an API key is revoked by command, and is in no list but by name and id', async () => {
    const command = commandsOf(other);
    const made = await command('api-key', 'create', 'ann', '--scopes', 'models:read');
    const key = made.out.trim();
    const listed = JSON.parse((await command('api-key', 'list', '--json')).out) as { id: string; name: string }[];
    expect(JSON.stringify(listed)).not.toContain(key);
    const { id } = listed.find(({ name }) => name === 'ann')!;
    const list = () => ask(`${other.coordinator}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect((await list()).status).toBe(200);
    expect(await command('api-key', 'revoke', id)).toMatchObject({ code: 0 });
    expect(codeOf(await list())).toBe('unauthorized');
    expect(await command('api-key', 'revoke', '0'.repeat(16))).toMatchObject({ code: 1 });
  }, 60_000);

  // Kills: revoking a device in a table that the issuer does not ask.
  it('[SEC6] a device or a code is revoked by command: no more tokens, nobody more enrols', async () => {
    const command = commandsOf(other);
    const manifest = await other.researcher.createUseCase();
    const code = await other.researcher.enrolmentCode(manifest.useCase, 5);
    const device = await TestDevice.enrolled({ issuer: other.issuer, manifest, code });
    expect(await device.fetchTokens([0])).toHaveLength(1);
    expect(await command('device', 'revoke', device.id)).toMatchObject({ code: 0, error: '' });
    expect(codeOf(await device.request(device.blind(0, [1])))).toBe('revoked_device');
    expect(await command('device', 'revoke', crypto.randomUUID())).toMatchObject({ code: 1 });
    expect(await command('code', 'revoke', code)).toMatchObject({ code: 0 });
    await expect(TestDevice.enrolled({ issuer: other.issuer, manifest, code })).rejects.toThrow('invalid_code');
  }, 60_000);
});
