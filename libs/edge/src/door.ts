import { once } from 'node:events';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

import type { Refusal } from '#protocol';

import type { Readiness } from './readiness.js';
import { DATA_HEADERS } from './security-headers.js';
import { Shed } from './shed.js';
import { endSlowSockets } from './slow-sockets.js';
import { tlsOptions, type Tls } from './tls.js';

export interface HttpLimits {
  /** bytes of a request's head */
  readonly maxHeaderSize: number;
  /** ms to send a request's head */
  readonly headTimeoutMs: number;
  /** ms to send all of a request */
  readonly requestTimeoutMs: number;
  /** TCP connections at a time, whatever they are for; beyond, one is closed as soon as it is there */
  readonly maxConnections: number;
}

export interface DoorOptions {
  readonly host: string;
  readonly port: number;
  readonly limits?: HttpLimits;
  /** default: plain HTTP, for a proxy that speaks TLS */
  readonly tls?: Tls | undefined;
}

/** Little for a stranger, and not for long. */
export const LIMITS: HttpLimits = {
  maxHeaderSize: 8192,
  headTimeoutMs: 5000,
  requestTimeoutMs: 10_000,
  maxConnections: 4096,
};
const COME_BACK_MS = 1000;

/**
 * The HTTP server of a process, from its first moment to its last. Until the application is there it says what the
 * process waits for; at the end nothing new comes in and what is in hand is finished. Holds little for a stranger,
 * and not for long.
 */
export class Door {
  #handler: RequestListener = (request, response) => void this.#waiting(request, response);
  #answering = 0;
  readonly shed = new Shed();

  private constructor(
    readonly server: http.Server | https.Server,
    private readonly readiness: Readiness,
  ) {}

  static async open({ host, port, limits = LIMITS, tls }: DoorOptions, readiness: Readiness): Promise<Door> {
    const options = {
      maxHeaderSize: limits.maxHeaderSize,
      headersTimeout: limits.headTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: 1000,
    };
    const server =
      tls === undefined
        ? http.createServer(options)
        : https.createServer({ ...options, ...tlsOptions(tls), handshakeTimeout: limits.headTimeoutMs });
    server.maxConnections = limits.maxConnections;
    const door = new Door(server, readiness);
    endSlowSockets(server, () => door.shed.count('slow'));
    server.on('drop', () => door.shed.count('connection'));
    server.on('request', (request, response) => door.#answer(request, response));
    await once(server.listen(port, host), 'listening');
    return door;
  }

  get isTls(): boolean {
    return this.server instanceof https.Server;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on the application answers. */
  lead(handler: RequestListener): void {
    this.#handler = handler;
  }

  /** Takes nothing new, and waits until all that came in is answered, but no longer than this. */
  async drain(withinMs: number): Promise<void> {
    this.readiness.stop();
    this.server.close();
    this.server.closeIdleConnections();
    const until = performance.now() + withinMs;
    while (this.#answering > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Whatever is left is cut off. */
  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#answering++;
    response.once('close', () => this.#answering--);
    if (!this.server.listening) response.setHeader('connection', 'close');
    this.#handler(request, response);
  }

  async #waiting({ url }: IncomingMessage, response: ServerResponse): Promise<void> {
    const reason = (await this.readiness.reason()) ?? 'starting';
    if (url === '/health') return json(response, 200, { status: 'ok' });
    if (url === '/ready') return json(response, 503, { status: reason });
    response.setHeader('retry-after', COME_BACK_MS / 1000);
    const refusal: Refusal = { code: 'overloaded', message: `Not yet: ${reason}.`, retryAfterMs: COME_BACK_MS };
    json(response, 503, refusal);
  }
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { ...DATA_HEADERS, 'content-type': 'application/json' }).end(JSON.stringify(value));
}
