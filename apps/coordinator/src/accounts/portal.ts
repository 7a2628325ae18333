import type { Request, Response } from 'express';

import { PORTAL_HEADER, PORTAL_HEADER_VALUE, ProtocolError } from '#protocol';

export const SESSION_COOKIE = 'starling-session';
const LONGEST_S = 7 * 86_400;

/** What browsers of people who sign in are given and asked for. */
export class Portal {
  /** @param publicOrigin  where people see it, where a proxy is in front; else what requests say */
  constructor(private readonly publicOrigin: string | undefined) {}

  /** @returns what the browser holds, where that can be a session's */
  tokenOf({ headers }: Request): string | undefined {
    for (const pair of (headers.cookie ?? '').split(';')) {
      const token = /^\s*starling-session=([\w-]{43})\s*$/.exec(pair)?.[1];
      if (token !== undefined) return token;
    }
    return undefined;
  }

  give(request: Request, response: Response, token: string): void {
    response.cookie(SESSION_COOKIE, token, { ...this.#terms(request), maxAge: 1000 * LONGEST_S });
  }

  takeBack(request: Request, response: Response): void {
    response.clearCookie(SESSION_COOKIE, this.#terms(request));
  }

  /**
   * Where there is an Origin it is ours. A page of somebody else cannot lie about its own.
   *
   * @throws ProtocolError `forbidden`
   */
  checkOrigin({ headers: { origin, host } }: Request): void {
    if (origin === undefined || origin === this.publicOrigin) return;
    if (this.publicOrigin === undefined && URL.canParse(origin) && new URL(origin).host === host) return;
    throw new ProtocolError('forbidden', 'This comes from a page of another origin.');
  }

  /**
   * Nothing is changed by a cookie alone: a browser sends it along with whatever another page asks for.
   *
   * @throws ProtocolError `forbidden`
   */
  checkIntent(request: Request): void {
    if (request.headers[PORTAL_HEADER] !== PORTAL_HEADER_VALUE) {
      throw new ProtocolError('forbidden', `Send the header "${PORTAL_HEADER}: ${PORTAL_HEADER_VALUE}" with this.`);
    }
    this.checkOrigin(request);
  }

  #terms(request: Request) {
    const secure = request.secure || this.publicOrigin?.startsWith('https:') === true;
    // A browser gives a host's cookies to all of its ports: where intake is on ours, its paths get none of them.
    return { httpOnly: true, sameSite: 'strict', path: '/v1', secure } as const;
  }
}
