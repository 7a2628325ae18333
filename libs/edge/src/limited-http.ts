import http from 'node:http';
import https from 'node:https';

import { ExpressAdapter } from '@nestjs/platform-express';

import { tlsOptions, type Tls } from './tls.js';

export interface HttpLimits {
  /** bytes of a request's head */
  readonly maxHeaderSize: number;
  /** ms to send a request's head */
  readonly headTimeoutMs: number;
  /** ms to send all of a request */
  readonly requestTimeoutMs: number;
  /** TCP connections at a time, whatever they are for; default: as many as the system allows */
  readonly maxConnections?: number;
}

/** Express over an HTTP server that holds little for a stranger and not for long. */
export class LimitedExpressAdapter extends ExpressAdapter {
  constructor(
    private readonly limits: HttpLimits,
    private readonly tls?: Tls,
  ) {
    super();
  }

  override initHttpServer(): void {
    const { maxHeaderSize, headTimeoutMs, requestTimeoutMs, maxConnections } = this.limits;
    const options = {
      maxHeaderSize,
      headersTimeout: headTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 1000,
    };
    const { tls } = this;
    this.httpServer =
      tls === undefined
        ? http.createServer(options, this.getInstance())
        : https.createServer({ ...options, ...tlsOptions(tls), handshakeTimeout: headTimeoutMs }, this.getInstance());
    if (maxConnections !== undefined) this.httpServer.maxConnections = maxConnections;
  }
}
