import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

import type { Http, HttpReply, HttpRequest } from '../platform.js';

const TIMEOUT_MS = 30_000;
/** Room for an answer that does not say how long it is. */
const FIRST_BYTES = 2 ** 14;

export interface NodeHttp {
  readonly http: Http;
  /** Ends connections kept for the next request. */
  close(): void;
}

/**
 * HTTP with agents of its own: connections are kept, but never shared with another `nodeHttp`. Sends
 * no header that was not asked for.
 *
 * @param localAddress  address to come from; default: the system's choice
 */
export function nodeHttp(localAddress?: string): NodeHttp {
  const options = { keepAlive: true, ...(localAddress === undefined ? {} : { localAddress }) };
  const agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };
  return {
    http: (url, request) => {
      const target = new URL(url);
      return target.protocol === 'https:'
        ? exchange(
            (answer) => httpsRequest(target, { ...toOptions(request), agent: agents['https:'] }, answer),
            request,
          )
        : exchange((answer) => httpRequest(target, { ...toOptions(request), agent: agents['http:'] }, answer), request);
    },
    close: () => {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

function toOptions({ method, headers = {}, body }: HttpRequest) {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return { method, headers: { ...headers, ...length }, timeout: TIMEOUT_MS };
}

function exchange(
  send: (answer: (response: IncomingMessage) => void) => ReturnType<typeof httpRequest>,
  { body, maxBytes }: HttpRequest,
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const request = send((response) => readAll(response, maxBytes).then(resolve, reject));
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    request.on('error', reject);
    request.end(body);
  });
}

/** By events: a model comes in some sixty parts, and an iterator takes as long for each as its bytes do. */
function readAll(response: IncomingMessage, maxBytes: number): Promise<HttpReply> {
  // Told its length first, a model is written to its place as it comes.
  let bytes = new Uint8Array(Math.min(Number(response.headers['content-length'] ?? FIRST_BYTES), maxBytes));
  let length = 0;
  return new Promise((resolve, reject) => {
    response.on('data', (part: Buffer) => {
      if (length + part.length > maxBytes) {
        response.destroy(new Error(`answer longer than ${maxBytes} bytes`));
        return;
      }
      if (length + part.length > bytes.length) bytes = grown(bytes, length + part.length);
      bytes.set(part, length);
      length += part.length;
    });
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, bytes: bytes.subarray(0, length), isFresh: true }),
    );
    response.on('error', reject);
    // After the end it changes nothing.
    response.on('close', () => reject(new Error('the answer broke off')));
  });
}

/** At least twice as long, so that growing takes no longer than reading. */
function grown(bytes: Uint8Array<ArrayBuffer>, least: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(Math.max(least, 2 * bytes.length));
  longer.set(bytes);
  return longer;
}
