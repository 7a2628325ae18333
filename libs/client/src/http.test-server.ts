import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { HTTP_STATUS, ProtocolError } from '#protocol';

/** What a server could see of a request, for tests that look for what it must not see. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly body: string;
}

export type Handler = (request: SeenRequest) => object | Uint8Array;

/** An HTTP server for tests: answers JSON or bytes, turns a ProtocolError into its refusal, remembers every request. */
export class TestHttpServer {
  readonly requests: SeenRequest[] = [];
  /** answers to swallow: the request is handled, the connection dies */
  loseReplies = 0;

  private constructor(readonly server: Server) {}

  static async start(handle: Handler): Promise<TestHttpServer> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const seen = see(request, Buffer.concat(parts).toString());
        started.requests.push(seen);
        const [status, answer] = answerTo(handle, seen);
        if (started.loseReplies > 0) {
          started.loseReplies -= 1;
          request.socket.destroy();
          return;
        }
        response.writeHead(status).end(answer instanceof Uint8Array ? answer : JSON.stringify(answer));
      });
    });
    const started = new TestHttpServer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function see(request: IncomingMessage, body: string): SeenRequest {
  const { remoteAddress, remotePort } = request.socket;
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    remoteAddress,
    remotePort,
    body,
  };
}

function answerTo(handle: Handler, request: SeenRequest): [number, object | Uint8Array] {
  try {
    return [200, handle(request)];
  } catch (error) {
    if (error instanceof ProtocolError) return [HTTP_STATUS[error.code], error.toRefusal()];
    return [500, { code: 'internal', message: String(error) }];
  }
}
