import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { Request } from 'express';

import { ProtocolError } from '#protocol';

type RouteArguments = Readonly<Record<string, { readonly data?: unknown }>>;

/** Refuses what a handler does not ask for: query parameters that it does not name, a body where it takes none. */
@Injectable()
export class KnownFieldsGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const { query, body } = context.switchToHttp().getRequest<Request>();
    const asked = argumentsOf(context);
    const named = new Set(asked.filter(({ type }) => type === RouteParamtypes.QUERY).map(({ data }) => data));
    const unknown = Object.keys(query).filter((name) => !named.has(name));
    // Not its name: it is the sender's, and goes into no answer.
    if (unknown.length > 0)
      throw new ProtocolError('malformed_message', 'There is a parameter that this does not take.');
    const takesBody = asked.some(({ type }) => type === RouteParamtypes.BODY);
    if (!takesBody && isFilled(body)) throw new ProtocolError('malformed_message', 'This takes no fields.');
    return true;
  }
}

/** What Nest passes to a handler, as its decorators said. */
function argumentsOf(context: ExecutionContext): { type: RouteParamtypes; data: unknown }[] {
  const stored = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) as
    RouteArguments | undefined;
  return Object.entries(stored ?? {}).map(([key, { data }]) => ({ type: Number(key.split(':')[0]), data }));
}

const isFilled = (body: unknown): boolean =>
  body !== undefined && body !== null && !(typeof body === 'object' && Object.keys(body).length === 0);
