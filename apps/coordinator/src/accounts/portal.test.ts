import { describe, expect, it } from '@jest/globals';
import type { CookieOptions, Request, Response } from 'express';

import { Portal, SESSION_COOKIE } from './portal.js';

const TOKEN = 'a'.repeat(43);

/** What is looked at of a request. */
const request = (headers: Readonly<Record<string, string>>, secure = false): Request =>
  ({ method: 'POST', headers, secure }) as unknown as Request;

function told(portal: Portal, headers: Readonly<Record<string, string>>): string {
  try {
    portal.checkIntent(request(headers));
    return 'ours';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('requests of our pages', () => {
  const OURS = { 'x-starling': '1', host: 'starling.example:4000' };

  // Kills: no look at the header; none at the origin; one that a longer or shorter name passes.
  it('[PRT3] carry the header, and an origin that is ours where there is one', () => {
    const portal = new Portal(undefined);
    expect(told(portal, OURS)).toBe('ours');
    expect(told(portal, { ...OURS, origin: 'http://starling.example:4000' })).toBe('ours');
    for (const headers of [
      { host: OURS.host },
      { ...OURS, 'x-starling': '2' },
      { ...OURS, origin: 'http://starling.example' },
      { ...OURS, origin: 'http://starling.example:4001' },
      { ...OURS, origin: 'http://starling.example:4000.evil.example' },
      { ...OURS, origin: 'https://evil.example' },
      { ...OURS, origin: 'null' },
    ])
      expect({ headers, told: told(portal, headers) }).toEqual({ headers, told: 'forbidden' });
  });

  it('[PRT3] behind a proxy the origin is the one that was set, and no other', () => {
    const portal = new Portal('https://portal.example');
    expect(told(portal, { ...OURS, origin: 'https://portal.example' })).toBe('ours');
    expect(told(portal, { ...OURS, origin: 'http://portal.example' })).toBe('forbidden');
    expect(told(portal, { ...OURS, origin: 'http://starling.example:4000' })).toBe('forbidden');
  });
});

describe('the cookie', () => {
  function given(portal: Portal, secure: boolean): CookieOptions {
    let terms: CookieOptions = {};
    const response = { cookie: (_name: string, _value: string, options: CookieOptions) => (terms = options) };
    portal.give(request({}, secure), response as unknown as Response, TOKEN);
    return terms;
  }

  // Kills: a cookie that scripts read, that other sites' requests carry, or that goes over plain HTTP.
  it('[PRT3] is for our own requests, and over TLS for those alone', () => {
    const terms = { httpOnly: true, sameSite: 'strict', path: '/v1', maxAge: 604_800_000 };
    expect(given(new Portal(undefined), false)).toEqual({ ...terms, secure: false });
    expect(given(new Portal(undefined), true)).toEqual({ ...terms, secure: true });
    expect(given(new Portal('https://portal.example'), false)).toEqual({ ...terms, secure: true });
  });

  it('[PRT3] is found among others, and only where it can be one of ours', () => {
    const found = (cookie: string) => new Portal(undefined).tokenOf(request({ cookie }));
    expect(found(`a=b; ${SESSION_COOKIE}=${TOKEN}; c=d`)).toBe(TOKEN);
    for (const cookie of ['', `${SESSION_COOKIE}=`, `${SESSION_COOKIE}=${TOKEN}a`, `x${SESSION_COOKIE}=${TOKEN}`])
      expect(found(cookie)).toBeUndefined();
  });
});
