import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { lastValueFrom, of, type Observable } from 'rxjs';

import { INTERNAL, refusalOf } from '#edge';

import { ACT, Acts, type ActTerms } from './acts.js';

/** No answer to an act leaves before its entry is in the audit log; where that cannot be written the answer is that. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly acts: Acts,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const terms = this.reflector.get<ActTerms | undefined>(ACT, context.getHandler());
    if (terms === undefined) return next.handle();
    const request = context.switchToHttp().getRequest<Request>();
    try {
      const result: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      await this.acts.end(request, terms, 'done', result);
      return of(result);
    } catch (error) {
      await this.acts.end(request, terms, (refusalOf(error) ?? INTERNAL).code);
      throw error;
    }
  }
}
