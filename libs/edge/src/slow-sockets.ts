import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';

/** While a request comes in, at least so many bytes each so often: who says less may stall for as long as he likes. */
const PACE_MS = 5000;
const PACE_BYTES = 4096;
/** Without a request, or without taking a byte of the answer. */
const IDLE_MS = 10_000;
const LOOK_MS = 1000;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What a connection is doing, and what had come of it when it was last looked at. */
interface Doing {
  exchange: Exchange | undefined;
  /** ms */
  since: number;
  progress: number | string;
}

/** Connections that became something else than HTTP. */
const upgraded = new WeakSet<object>();

/** From now on somebody else sees to it that this connection ends. */
export const takeFromHttp = (socket: object): void => void upgraded.add(socket);

/**
 * Ends connections that hold a place and come to nothing. Node's own time-outs start anew with each byte, or leave
 * alone who sends empty lines between requests, and a whole request may take minutes where models are uploaded.
 *
 * @param onEnd  told of each that it ended
 */
export function endSlowSockets(server: Server | https.Server, onEnd: () => void): void {
  const sockets = new Map<Socket, Doing>();
  // Below TLS is another socket, which requests do not know; until then the handshake has its own time.
  const arrival = server instanceof https.Server ? 'secureConnection' : 'connection';
  server.on(arrival, (socket: Socket) => {
    sockets.set(socket, { exchange: undefined, since: Date.now(), progress: 0 });
    socket.once('close', () => sockets.delete(socket));
  });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    sockets.set(request.socket, {
      exchange: { request, response },
      since: Date.now(),
      progress: request.socket.bytesRead,
    });
  });
  const timer = setInterval(() => {
    const now = Date.now();
    for (const [socket, doing] of sockets) {
      if (upgraded.has(socket)) sockets.delete(socket);
      else if (isStuck(socket, doing, now)) {
        socket.destroy();
        onEnd();
      }
    }
  }, LOOK_MS).unref();
  server.once('close', () => clearInterval(timer));
}

function isStuck(socket: Socket, doing: Doing, now: number): boolean {
  const { exchange } = doing;
  // An answer may be given before the body is here, and the body go on.
  if (exchange !== undefined && !exchange.request.complete) return isDripping(socket, doing, now);
  if (exchange?.response.closed) Object.assign(doing, { exchange: undefined, since: now });
  // That an answer is late is our fault.
  else if (exchange !== undefined && !exchange.response.headersSent) doing.since = now;
  const progress = exchange === undefined ? doing.progress : sent(socket);
  if (progress !== doing.progress) Object.assign(doing, { since: now, progress });
  return now - doing.since >= IDLE_MS;
}

function isDripping(socket: Socket, doing: Doing, now: number): boolean {
  if (now - doing.since < PACE_MS) return false;
  const read = socket.bytesRead - Number(doing.progress);
  Object.assign(doing, { since: now, progress: socket.bytesRead });
  return read < PACE_BYTES;
}

/** Changes with every byte that the system takes. What it has not taken of one large write, only the handle tells. */
function sent(socket: Socket): string {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly writeQueueSize: number } };
  return `${socket.bytesWritten} ${socket.writableLength} ${handle?.writeQueueSize}`;
}
