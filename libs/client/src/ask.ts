import { z } from 'zod';

import { COORDINATOR_CODES, ISSUER_CODES, type ProtocolCode } from '#protocol';

import { Backoff, type RetryPolicy } from './backoff.js';
import { ClientError } from './errors.js';
import type { Clock, Http, HttpReply, HttpRequest, Platform } from './platform.js';

const MAX_JSON_BYTES = 2 ** 20;
const RETRIES: RetryPolicy = { attempts: 5, baseMs: 200, capMs: 5_000 };

/** Codes after which the same request may succeed. */
const PASSING: ReadonlySet<string> = new Set<ProtocolCode>(['rate_limited', 'overloaded', 'internal']);

const RefusalReply = z.object({
  code: z.enum([...ISSUER_CODES, ...COORDINATOR_CODES]).catch('internal'),
  message: z.string(),
  retryAfterMs: z.number().min(0).max(3_600_000).optional(),
});

/** One server, and what it takes to ask it again. */
export interface Asker {
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Platform['random'];
  readonly verify?: Platform['verify'];
}

export interface Question {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: object;
}

/**
 * Asks for JSON, again where the answer was lost or passing trouble. Only for requests that are safe
 * to repeat.
 *
 * @param question  made anew for each try, since signatures carry a time
 * @throws ClientError `unreachable`, `refused`, `malformed_reply`
 */
export async function ask<T>(asker: Asker, question: () => Question, reply: z.ZodType<T>): Promise<T> {
  const { bytes } = await askBytes(asker, question, MAX_JSON_BYTES);
  const parsed = reply.safeParse(parseJson(bytes));
  if (!parsed.success)
    throw new ClientError('malformed_reply', `${pathOf(question())}: not the answer the protocol says`);
  return parsed.data;
}

/** As `ask`, for an answer of bytes. */
export async function askBytes(asker: Asker, question: () => Question, maxBytes: number): Promise<HttpReply> {
  const backoff = new Backoff(RETRIES, asker.random);
  for (;;) {
    const outcome = await attempt(asker.http, question(), maxBytes);
    if (!(outcome instanceof ClientError)) return outcome;
    const { refusal } = outcome;
    const wait = refusal === undefined || PASSING.has(refusal.code) ? backoff.next(refusal?.retryAfterMs) : undefined;
    if (wait === undefined) throw outcome;
    await asker.clock.sleep(wait);
  }
}

async function attempt(http: Http, question: Question, maxBytes: number): Promise<HttpReply | ClientError> {
  const path = pathOf(question);
  try {
    const reply = await http(question.url, toRequest(question, maxBytes));
    return reply.status < 300 ? reply : refusalOf(reply, path);
  } catch (cause) {
    return new ClientError('unreachable', `${path}: no answer`, { cause });
  }
}

function toRequest({ method = 'GET', headers = {}, json }: Question, maxBytes: number): HttpRequest {
  if (json === undefined) return { method, headers, maxBytes };
  const body = JSON.stringify(json);
  return { method, headers: { ...headers, 'content-type': 'application/json' }, body, maxBytes };
}

function refusalOf({ status, bytes }: HttpReply, path: string): ClientError {
  const parsed = RefusalReply.safeParse(parseJson(bytes));
  // Something in between answered, a proxy perhaps.
  if (!parsed.success)
    return new ClientError(status >= 500 ? 'unreachable' : 'malformed_reply', `${path}: status ${status}`);
  const { code, message, retryAfterMs } = parsed.data;
  const refusal = retryAfterMs === undefined ? { code, message } : { code, message, retryAfterMs };
  return new ClientError('refused', `${path}: ${code}, ${message}`, { refusal });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

const pathOf = ({ url }: Question): string => new URL(url).pathname;
