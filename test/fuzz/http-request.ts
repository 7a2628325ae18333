import { Random } from '../../apps/fleet/src/data/random.js';

import { chance, hostileJson, mutateBytes, mutateJson, pickOne } from './mutate.js';

export type Target = 'issuer' | 'coordinator' | 'intake';

/** A request that is right, to be made wrong. */
export interface Sample {
  readonly to: Target;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface HttpFuzz {
  readonly to: Target;
  readonly bytes: Buffer;
}

const METHODS = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'HEAD',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'get',
  'G\u0000T',
];
const TRICKS = [
  '/..',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/%00',
  '/%',
  '/%zz',
  '//',
  '?a[b]=1&a[__proto__]=2',
  '/__proto__',
  '#x',
  '/é',
];
const HEADERS = [
  'Content-Type: application/json; charset=utf-16',
  'Content-Encoding: gzip',
  'Content-Type: application/x-www-form-urlencoded',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity, chunked',
  'Content-Length: 3',
  'Content-Length: -1',
  'Expect: 100-continue',
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Authorization: Bearer \u00ff',
  'Origin: null',
  'Range: bytes=-1',
  'If-None-Match: *',
  'X: ' + 'x'.repeat(9000),
  'Host: a\r\nHost: b',
];

/** The i-th request of a run: one of the samples, wrong in its body, path, method, heads or bytes. */
export function httpRequest(seed: number, i: number, samples: readonly Sample[]): HttpFuzz {
  const random = new Random(seed, 'http request', i);
  const { to, method, path, headers = {}, body } = pickOne(random, samples);
  const said = chance(random, 0.1) ? pickOne(random, METHODS) : method;
  const where = chance(random, 0.2) ? trick(random, path) : path;
  const text = body === undefined ? (chance(random, 0.2) ? hostileJson(random) : '') : mutateJson(random, body);
  const heads = Object.entries({ Host: 'x', 'Content-Type': 'application/json', ...headers }).map(
    ([name, value]) => `${name}: ${chance(random, 0.1) ? spoilt(random, value) : value}`,
  );
  if (chance(random, 0.15)) heads.push(pickOne(random, HEADERS));
  heads.push(`Content-Length: ${Buffer.byteLength(text)}`, 'Connection: close');
  const bytes = Buffer.from(`${said} ${where} HTTP/1.1\r\n${heads.join('\r\n')}\r\n\r\n${text}`);
  return { to, bytes: chance(random, 0.05) ? mutateBytes(random, bytes) : bytes };
}

function trick(random: Random, path: string): string {
  const parts = path.split('/');
  parts[1 + random.below(parts.length - 1)] = encodeURI(hostileJson(random).slice(0, 500)).replaceAll('%5B', '[');
  return chance(random, 0.5) ? `${path}${pickOne(random, TRICKS)}` : parts.join('/').replaceAll(' ', '+');
}

const spoilt = (random: Random, value: string): string =>
  mutateBytes(random, Buffer.from(value))
    .toString('latin1')
    .replaceAll(/[\r\n]/g, '');
