import type { Hashes, RandomBytes } from '#credential';

import type { VerifySignature } from './signature.js';
import type { TokenStore } from './token-store.js';

/*
 * What a device needs of the machine it runs on, all of it passed in. `#client/node` has it for Node.
 */

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON */
  readonly body?: string;
  /** a longer answer is an error */
  readonly maxBytes: number;
}

export interface HttpReply {
  readonly status: number;
  readonly bytes: Uint8Array;
  /** nobody else has these bytes, now or later, so the device may write over them; without it, they are only read */
  readonly isFresh?: true;
}

/** One request, one answer of any status. Rejects where there is no answer. Keeps no cookies. */
export type Http = (url: string, request: HttpRequest) => Promise<HttpReply>;

/** One socket.io connection. */
export interface Connection {
  /** Rejects when the connection is lost or nothing comes within `timeoutMs`. */
  emitWithAck(event: string, payload: object, timeoutMs: number): Promise<unknown>;
  close(): void;
}

/**
 * Opens one fresh socket.io connection: a TCP connection of its own, websocket only, no cookie, no
 * auth payload, no reconnection, no compression, and the same handshake on every device. Rejects when
 * it is refused.
 */
export type Connect = (url: string, path: string, query: Readonly<Record<string, string>>) => Promise<Connection>;

export interface Clock {
  /** unix ms */
  now(): number;
  /** Resolves in a later macrotask, also for 0. Rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Platform {
  /** Two, so that issuer and coordinator never see one connection. */
  readonly http: { readonly issuer: Http; readonly coordinator: Http };
  readonly connect: Connect;
  /** the system's generator: tokens and keys are made of it */
  readonly random: RandomBytes;
  readonly hashes: Hashes;
  /** checks signatures; what runs everywhere does when left out */
  readonly verify?: VerifySignature | undefined;
  readonly clock: Clock;
  readonly store: TokenStore;
  /** gives back what it holds: connections, a lock */
  close?(): void;
}
