import { createHash } from 'node:crypto';

import type { Request } from 'express';

import { MinuteLimit } from '#edge';
import { ProtocolError, SCOPES_OF, type AccountView, type Actor, type Scope } from '#protocol';
import { ApiKeys, Sessions } from '#storage/access';

import { Portal } from './portal.js';

/** Whoever asks, and what they may do. */
export interface Caller {
  readonly actor: Actor;
  readonly scopes: readonly Scope[];
  /** signed in, not with an API key */
  readonly session?: { readonly account: AccountView; readonly tokenHash: Uint8Array };
}

export const hashOfSecret = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();

const SAFE = ['GET', 'HEAD'];
const known = new WeakMap<Request, Caller>();

/** @returns undefined where the guard let everybody in */
export const callerOf = (request: Request): Caller | undefined => known.get(request);

/** Finds out who asks, anew at each request: a key that is revoked or an account that is disabled is none at once. */
export class Callers {
  constructor(
    private readonly keys: ApiKeys,
    private readonly sessions: Sessions,
    private readonly portal: Portal,
    private readonly failures: MinuteLimit,
  ) {}

  /** By API key where one is sent, else by session. @throws ProtocolError `unauthorized`, `rate_limited`, `forbidden` */
  async identify(request: Request): Promise<Caller> {
    const isByKey = request.headers.authorization !== undefined || this.portal.tokenOf(request) === undefined;
    const caller = isByKey ? await this.#byKey(request) : await this.identifySession(request);
    known.set(request, caller);
    return caller;
  }

  /** @throws ProtocolError `unauthorized`, or `forbidden` where another page may have sent it */
  async identifySession(request: Request): Promise<Caller & { session: object }> {
    const caller = await this.findSession(request);
    if (caller === undefined) throw new ProtocolError('unauthorized', 'Nobody is signed in here: sign in again.');
    if (!SAFE.includes(request.method)) this.portal.checkIntent(request);
    known.set(request, caller);
    return caller;
  }

  async findSession(request: Request): Promise<(Caller & { session: object }) | undefined> {
    const token = this.portal.tokenOf(request);
    if (token === undefined) return undefined;
    const tokenHash = hashOfSecret(token);
    const account = await this.sessions.find(tokenHash);
    if (account === undefined) return undefined;
    const actor = { kind: 'account', name: account.name } as const;
    return { actor, scopes: SCOPES_OF[account.role], session: { account, tokenHash } };
  }

  async #byKey({ headers, socket }: Request): Promise<Caller> {
    const { authorization = '' } = headers;
    const address = socket.remoteAddress ?? '';
    // Before the database is asked. Only what failed counts: who has a key is not kept from using it by the number of calls.
    this.failures.check(address);
    const secret = /^Bearer (\S{1,256})$/.exec(authorization)?.[1];
    const key = secret === undefined ? undefined : await this.keys.find(hashOfSecret(secret));
    if (key !== undefined) return { actor: { kind: 'api-key', name: key.name }, scopes: key.scopes };
    this.failures.count(address);
    throw new ProtocolError(
      'unauthorized',
      'This needs an account or an API key: sign in, or send "Authorization: Bearer <key>".',
    );
  }
}
