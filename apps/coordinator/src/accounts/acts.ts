import { SetMetadata } from '@nestjs/common';
import type { Request } from 'express';

import type { Act, Actor, AuditDetail, AuditNote } from '#protocol';
import { AuditLog } from '#storage/access';
import type { Client } from '#storage/database';

import { callerOf } from './callers.js';

/** What a request was about, once it is over. Only `params` where it was refused before it was understood. */
export interface About {
  readonly params: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** undefined where it was refused */
  readonly result: unknown;
}

export interface ActTerms {
  readonly act: Act;
  /** an id or a name. Never what opens something: a token, a code, a key, a password */
  readonly subject?: (about: About) => unknown;
  readonly detail?: (about: About) => AuditDetail;
}

export const ACT = 'starling:act';

/** This handler changes something, and the audit log says so. */
export const IsAct = (act: Act, terms: Omit<ActTerms, 'act'> = {}): MethodDecorator =>
  SetMetadata(ACT, { act, ...terms } satisfies ActTerms);

const LONGEST_SUBJECT = 200;

/** Writes down what people do: an act that knows of it in its own transaction, every other one before it is answered. */
export class Acts {
  readonly #noted = new WeakSet<Request>();

  constructor(private readonly log: AuditLog) {}

  /** An act and its entry, both or neither. */
  async together<T>(
    request: Request,
    work: (client: Client) => Promise<{ readonly result: T; readonly note: AuditNote }>,
  ): Promise<T> {
    const result = await this.log.together(work);
    this.#noted.add(request);
    return result;
  }

  async note(request: Request, note: AuditNote): Promise<void> {
    await this.log.add(note);
    this.#noted.add(request);
  }

  /** @param outcome  `done`, or the code of the refusal. Nothing is written where nobody is known, or all was written already */
  async end(request: Request, terms: ActTerms, outcome: string, result?: unknown): Promise<void> {
    const caller = callerOf(request);
    if (caller === undefined || this.#noted.has(request)) return;
    await this.note(request, noteOf(caller.actor, terms, aboutOf(request, outcome, result), outcome));
  }
}

function noteOf(actor: Actor, { act, subject, detail }: ActTerms, about: About, outcome: string): AuditNote {
  const named = subject?.(about);
  return {
    actor,
    act,
    subject: typeof named === 'string' ? named.slice(0, LONGEST_SUBJECT) : null,
    detail: { ...(outcome === 'done' ? detail?.(about) : {}), outcome },
  };
}

/** What did not fit its schema may be anything, a password in the wrong place too. */
function aboutOf(request: Request, outcome: string, result: unknown): About {
  if (outcome === 'malformed_message') return { params: {}, body: {}, result: undefined };
  const body = request.body as unknown;
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  return { params: request.params, body: fields, result };
}
