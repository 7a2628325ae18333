import type { Http } from '../platform.js';

const TIMEOUT_MS = 30_000;

/** HTTP by `fetch`, with nothing that a browser would add by itself and that can be left out: no cookie, no cache, no referrer. */
export const browserHttp: Http = async (url, { method, headers = {}, body, maxBytes }) => {
  const response = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    mode: 'cors',
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return { status: response.status, bytes: await readAll(response, maxBytes), isFresh: true };
};

async function readAll({ body }: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    length += part.value.length;
    if (length > maxBytes) {
      await reader?.cancel();
      throw new Error(`answer longer than ${maxBytes} bytes`);
    }
    parts.push(part.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
