import { DEVICE_HEADERS, type Manifest } from '#protocol';

import type { Sample } from './http-request.js';

const ID = '00000000-0000-4000-8000-000000000000';
const DIGEST = 'ab'.repeat(32);

/**
 * Every endpoint, asked as it should be. With a researcher's key where one is needed, and about a use case of its own
 * where it may change something.
 *
 * @param victim  a use case that may come to harm
 */
export function samplesOf({ useCase }: Manifest, victim: string, apiKey: string): Sample[] {
  const get = (to: Sample['to'], path: string): Sample => ({ to, method: 'GET', path, headers: withKey(to) });
  const post = (to: Sample['to'], path: string, body: Sample['body'], headers = withKey(to)): Sample => ({
    to,
    method: 'POST',
    path,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const withKey = (to: Sample['to']): Record<string, string> =>
    to === 'coordinator' ? { Authorization: `Bearer ${apiKey}` } : {};
  return [
    ...issuerSamples(useCase),
    ...['', '/manifest', '/topology', '/round'].map((what) => get('coordinator', `/v1/use-cases/${useCase}${what}`)),
    ...['use-cases', 'rounds?useCase=x', 'models?useCase=x', 'keys', 'log/head', 'log/heads/0', 'log/entries/0'].map(
      (what) => get('coordinator', `/v1/${what}`),
    ),
    ...[`rounds/${ID}`, `rounds/${ID}/accepted`, `models/${DIGEST}`, `models/${DIGEST}/tfjs/model.json`].map((what) =>
      get('coordinator', `/v1/${what}`),
    ),
    ...[`models/${DIGEST}/tfjs/weights.bin`, `manifests/${DIGEST}`, 'log/tile/0/0', 'nothing'].map((what) =>
      get('coordinator', `/v1/${what}`),
    ),
    post('coordinator', '/v1/use-cases', useCaseBody(victim)),
    post('coordinator', `/v1/use-cases/${victim}/rounds`, { count: 1, min: 1, target: 10, deadlineSeconds: 60 }),
    post('coordinator', `/v1/use-cases/${victim}/enrolment-codes`, { uses: 5, expiresInSeconds: 60 }),
    post('coordinator', `/v1/use-cases/${victim}/keys`, {}),
    post('coordinator', `/v1/use-cases/${victim}/retire-epoch`, { epoch: 1 }),
    post('coordinator', `/v1/rounds/${ID}/abort`, {}),
    post('coordinator', '/v1/enrolment-codes/revoke', { code: 'AAAA' }),
    post('coordinator', '/v1/api-keys', { name: 'fuzz', scopes: ['models:read'] }),
    post(
      'coordinator',
      '/v1/blobs',
      { x: 1 },
      { ...withKey('coordinator'), 'Content-Type': 'application/octet-stream' },
    ),
    get('coordinator', '/ui/index.html'),
    ...(['issuer', 'coordinator', 'intake'] as const).flatMap((to) => [get(to, '/ready'), get(to, '/metrics')]),
    get('intake', '/submit/?EIO=4&transport=polling'),
    post('intake', '/upload', { a: 1 }),
  ];
}

function issuerSamples(useCase: string): Sample[] {
  const headers = {
    [DEVICE_HEADERS.device]: ID,
    [DEVICE_HEADERS.timestamp]: '1700000000000',
    [DEVICE_HEADERS.nonce]: '00'.repeat(16),
    [DEVICE_HEADERS.signature]: '00'.repeat(64),
  };
  const tokens = { epoch: 1, slots: [0, 1], blinded: ['00'.repeat(32), '11'.repeat(32)] };
  const enrolment = { useCase, code: 'AAAA', publicKey: '00'.repeat(32), signature: '00'.repeat(64) };
  return [
    { to: 'issuer', method: 'POST', path: '/v1/devices', body: enrolment },
    { to: 'issuer', method: 'POST', path: `/v1/use-cases/${useCase}/tokens`, headers, body: tokens },
    { to: 'issuer', method: 'GET', path: `/v1/use-cases/${useCase}/manifest` },
    { to: 'issuer', method: 'GET', path: `/v1/use-cases/${useCase}/slots` },
    { to: 'issuer', method: 'GET', path: `/v1/use-cases/${useCase}/derived-keys/1/1` },
    { to: 'issuer', method: 'GET', path: `/v1/use-cases/${useCase}/derived-keys/1` },
  ];
}

const useCaseBody = (id: string): Record<string, unknown> => ({
  id,
  title: 'Fuzzed',
  kMin: 1,
  batch: 4,
  slots: 4,
  layout: [{ name: 'w', shape: [64] }],
  initialModel: DIGEST,
});
