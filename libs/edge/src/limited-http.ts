import http from 'node:http';

import { ExpressAdapter } from '@nestjs/platform-express';

import { endSlowSockets } from './slow-sockets.js';

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

/** Express over an HTTP server that holds little for a stranger and not for long. */
export class LimitedExpressAdapter extends ExpressAdapter {
  constructor(private readonly limits: HttpLimits) {
    super();
  }

  override initHttpServer(): void {
    const { maxHeaderSize, headTimeoutMs, requestTimeoutMs, maxConnections } = this.limits;
    const server = http.createServer(
      {
        maxHeaderSize,
        headersTimeout: headTimeoutMs,
        requestTimeout: requestTimeoutMs,
        connectionsCheckingInterval: 1000,
      },
      this.getInstance(),
    );
    server.maxConnections = maxConnections;
    endSlowSockets(server);
    this.httpServer = server;
  }
}
