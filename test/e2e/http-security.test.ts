import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { commandsOf } from '../fixtures/admin-command.js';
import { TestDevice } from '../fixtures/device.js';
import { ask, codeOf } from '../fixtures/http.js';
import { pick } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

let starling: TestStarling;
beforeAll(async () => {
  starling = await startStarling({
    issuers: [{ ENROLMENTS_PER_CODE_PER_MINUTE: '3' }],
    coordinator: { WRONG_KEYS_PER_MINUTE: '3' },
    without: ['worker'],
  });
}, 120_000);
afterAll(() => starling.stop());

const everywhere = () => [starling.coordinator, starling.issuer, starling.intake];

/** Every route of the coordinator, with the scope that it wants; null: for everybody. A new one has to be entered here. */
const SCOPE_OF: Readonly<Record<string, string | null>> = {
  'get /health': null,
  'get /ready': null,
  'get /metrics': null,
  'get /v1/api-keys': 'keys:write',
  'post /v1/api-keys': 'keys:write',
  'post /v1/api-keys/revoke': 'keys:write',
  'post /v1/blobs': 'models:write',
  'post /v1/enrolment-codes/revoke': 'use-cases:write',
  'get /v1/deployment': null,
  'get /v1/keys': null,
  'get /v1/log/entries/{tile}': null,
  'get /v1/log/head': null,
  'get /v1/log/heads/{page}': null,
  'get /v1/log/tile/{level}/{index}': null,
  'get /v1/manifests/{digest}': null,
  'get /v1/models': 'models:read',
  'get /v1/models/{digest}': null,
  'get /v1/models/{digest}/tfjs/model.json': null,
  'get /v1/models/{digest}/tfjs/weights.bin': null,
  'get /v1/rounds': null,
  'get /v1/rounds/{id}': null,
  'post /v1/rounds/{id}/abort': 'rounds:write',
  'get /v1/rounds/{id}/accepted': null,
  'post /v1/rounds/{id}/retry': 'rounds:write',
  'get /v1/use-cases': null,
  'post /v1/use-cases': 'use-cases:write',
  'get /v1/use-cases/{id}': null,
  'post /v1/use-cases/{id}/enrolment-codes': 'use-cases:write',
  'post /v1/use-cases/{id}/keys': 'use-cases:write',
  'get /v1/use-cases/{id}/manifest': null,
  'post /v1/use-cases/{id}/retire-epoch': 'use-cases:write',
  'get /v1/use-cases/{id}/round': null,
  'get /v1/use-cases/{id}/metrics': null,
  'post /v1/use-cases/{id}/evaluations': 'rounds:write',
  'post /v1/use-cases/{id}/pause': 'rounds:write',
  'post /v1/use-cases/{id}/resume': 'rounds:write',
  'post /v1/use-cases/{id}/rounds': 'rounds:write',
  'get /v1/use-cases/{id}/topology': null,
};
type Operations = Record<string, Record<string, object>>;

const filled = (path: string): string =>
  path.replace('{id}', path.includes('/rounds/') ? crypto.randomUUID() : 'a').replaceAll(/\{\w+\}/g, '0');

describe('the HTTP side', () => {
  // Kills: a new route without a scope, or one whose scope somebody forgot.
  it('[SEC1] every route of the coordinator is known, and those that write or list keys or models want a scope', async () => {
    const { paths } = (await ask(`${starling.coordinator}/openapi.json`)).json as { paths: Operations };
    const routes = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((m) => `${m} ${path}`));
    expect(routes.sort()).toEqual(Object.keys(SCOPE_OF).sort());
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
