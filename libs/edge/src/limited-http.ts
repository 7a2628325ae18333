import http from 'node:http';

import { ExpressAdapter } from '@nestjs/platform-express';

export interface HttpLimits {
  /** bytes of a request's head */
  readonly maxHeaderSize: number;
  /** ms to send a request's head, and again for all of it */
  readonly requestTimeoutMs: number;
}

/** Express over an HTTP server that holds little for a stranger and not for long. */
export class LimitedExpressAdapter extends ExpressAdapter {
  constructor(private readonly limits: HttpLimits) {
    super();
  }

  override initHttpServer(): void {
    const { maxHeaderSize, requestTimeoutMs } = this.limits;
    this.httpServer = http.createServer(
      {
        maxHeaderSize,
        headersTimeout: requestTimeoutMs,
        requestTimeout: requestTimeoutMs,
        connectionsCheckingInterval: 1000,
      },
      this.getInstance(),
    );
  }
}
