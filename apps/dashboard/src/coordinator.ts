import type { Refusal, RoundsPage, RoundView, UseCaseView } from '#protocol';

import type { Snapshot } from './rounds/rounds-state.js';

/** Longer than this, and nobody is there. */
const ANSWER_MS = 10_000;
/** As long as the coordinator waits for a file. */
const UPLOAD_MS = 900_000;
/** A skew below this is the Date header's own coarseness. */
const SKEW_FLOOR_MS = 2000;

/** What the coordinator answered, where it was no good answer. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';

  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** What to ask for: a use case, and its rounds behind `after`; those about the present where that is left out. */
export interface Wish {
  readonly useCase: string | null;
  readonly after?: number | undefined;
}

/**
 * Use cases, and a page of rounds of one: the wanted one, else the newest live one, else the newest.
 *
 * @throws Error with a sentence for people
 */
export async function fetchSnapshot({ useCase, after }: Wish, signal: AbortSignal): Promise<Snapshot> {
  const { body: useCases, skewMs } = await get<UseCaseView[]>('/v1/use-cases', signal);
  const selected = select(useCases, useCase);
  if (selected === null) return { useCases, selected, rounds: [], last: 0, skewMs };
  const from = selected === useCase && after !== undefined ? `?after=${after}` : '';
  const { body } = await get<RoundsPage>(`${useCasePath(selected)}/rounds${from}`, signal);
  return { useCases, selected, ...body, skewMs };
}

/** The rounds before one. @throws Error with a sentence for people */
export async function fetchOlder(useCase: string, before: number): Promise<readonly RoundView[]> {
  return (await ask<RoundsPage>(`${useCasePath(useCase)}/rounds?before=${before}`)).rounds;
}

export const useCasePath = (id: string): string => `/v1/use-cases/${encodeURIComponent(id)}`;

function select(useCases: readonly UseCaseView[], wanted: string | null): string | null {
  if (useCases.some(({ id }) => id === wanted)) return wanted;
  const newest = useCases.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return (newest.find(({ state }) => state === 'live') ?? newest[0])?.id ?? null;
}

/** One answer, for pages that show nothing by the coordinator's clock. @throws Error with a sentence for people */
export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await get<T>(path, signal)).body;
}

/** Changes something. @throws Error with a sentence for people */
export async function act<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T> {
  // A form of another page cannot send this header.
  const headers = { 'x-starling': '1', ...(body && { 'content-type': 'application/json' }) };
  const response = await answer(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return (await response.json()) as T;
}

/** A file, which may take its time. @returns its SHA-256 @throws Error with a sentence for people */
export async function upload(bytes: Uint8Array): Promise<string> {
  const headers = { 'x-starling': '1', 'content-type': 'application/octet-stream' };
  const body = new Blob([new Uint8Array(bytes)]);
  const response = await answer('/v1/blobs', { method: 'POST', headers, body }, undefined, UPLOAD_MS);
  return ((await response.json()) as { digest: string }).digest;
}

/** `no-cache` still sends the ETag, so an unchanged list costs a 304. */
async function get<T>(path: string, signal?: AbortSignal): Promise<{ body: T; skewMs: number }> {
  const response = await answer(path, { cache: 'no-cache' }, signal);
  const skewMs = skew(response.headers.get('date'), Date.now());
  return { body: (await response.json()) as T, skewMs };
}

async function answer(
  path: string,
  init: RequestInit,
  signal?: AbortSignal,
  patienceMs: number = ANSWER_MS,
): Promise<Response> {
  const patience = AbortSignal.timeout(patienceMs);
  const either = signal === undefined ? patience : AbortSignal.any([signal, patience]);
  const response = await fetch(path, { ...init, signal: either }).catch((cause: unknown) => {
    throw new Error('The coordinator does not answer.', { cause });
  });
  if (!response.ok) throw new AnswerError(await refusal(response), response.status);
  return response;
}

async function refusal(response: Response): Promise<string> {
  const { message } = (await response.json().catch(() => ({}))) as Partial<Refusal>;
  return `The coordinator answered ${response.status}${message ? `: ${message}` : '.'}`;
}

/** The coordinator's clock minus ours: its deadlines are counted down on our screen. */
function skew(date: string | null, now: number): number {
  const theirs = date === null ? NaN : Date.parse(date) + 500; // the header is cut to whole seconds
  return Math.abs(theirs - now) > SKEW_FLOOR_MS ? theirs - now : 0;
}
