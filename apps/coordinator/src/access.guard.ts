import { createHash } from 'node:crypto';

import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';

import { MinuteLimit } from '#edge';
import { ProtocolError, type Scope } from '#protocol';
import { ApiKeys } from '#storage/access';

const SCOPE = 'starling:scope';

/** This handler wants an API key with that scope. Handlers without it are for everybody. */
export const RequireScope = (scope: Scope): MethodDecorator => SetMetadata(SCOPE, scope);

export const hashOfSecret = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();

@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: ApiKeys,
    private readonly failures: MinuteLimit,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const scope = this.reflector.get<Scope | undefined>(SCOPE, context.getHandler());
    if (scope === undefined) return true;
    const { headers, socket } = context.switchToHttp().getRequest<Request>();
    const { authorization = '' } = headers;
    const address = socket.remoteAddress ?? '';
    // Before the database is asked. Only what failed counts: who has a key is not kept from using it by the number of calls.
    this.failures.check(address);
    const secret = /^Bearer (\S{1,256})$/.exec(authorization)?.[1];
    const key = secret === undefined ? undefined : await this.keys.find(hashOfSecret(secret));
    if (key === undefined) {
      this.failures.count(address);
      throw new ProtocolError('unauthorized', 'This needs an API key: send "Authorization: Bearer <key>".');
    }
    if (!key.scopes.includes(scope)) throw new ProtocolError('forbidden', `This API key lacks the scope ${scope}.`);
    return true;
  }
}
