import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';

import { ProtocolError, type Scope } from '#protocol';

import { ACT, Acts, type ActTerms } from './accounts/acts.js';
import { Callers } from './accounts/callers.js';

export const SCOPE = 'starling:scope';
export const SESSION = 'starling:session';

/** This handler wants an account or an API key with that scope. Handlers without it are for everybody. */
export const RequireScope = (scope: Scope): MethodDecorator => SetMetadata(SCOPE, scope);

/** This handler is for whoever is signed in. */
export const RequireSession = (): MethodDecorator => SetMetadata(SESSION, true);

@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly callers: Callers,
    private readonly acts: Acts,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const handler = context.getHandler();
    const request = context.switchToHttp().getRequest<Request>();
    if (this.reflector.get<true | undefined>(SESSION, handler)) await this.callers.identifySession(request);
    const scope = this.reflector.get<Scope | undefined>(SCOPE, handler);
    if (scope === undefined) return true;
    const { scopes, session } = await this.callers.identify(request);
    if (scopes.includes(scope)) return true;
    const act = this.reflector.get<ActTerms | undefined>(ACT, handler);
    if (act !== undefined) await this.acts.end(request, { act: act.act }, 'forbidden');
    const what = session === undefined ? 'This API key' : `The role ${session.account.role}`;
    throw new ProtocolError('forbidden', `${what} lacks the scope ${scope}.`);
  }
}
