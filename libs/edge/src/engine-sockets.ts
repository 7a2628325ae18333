import type { Server, ServerOptions } from 'socket.io';

import { takeFromHttp } from './slow-sockets.js';

/** A connection of engine.io: what is below a socket of socket.io. */
export type EngineSocket = Parameters<Parameters<Server['engine']['on']>[1]>[0];

/** WebSocket only, nothing that outlives the connection or tells one from another. */
export const PLAIN_SOCKETS = {
  transports: ['websocket'],
  allowUpgrades: false,
  serveClient: false,
  cookie: false,
  perMessageDeflate: false,
  httpCompression: false,
  connectTimeout: 5000,
  // Who does not answer is gone after nine seconds.
  pingInterval: 5000,
  pingTimeout: 4000,
} as const satisfies Partial<ServerOptions>;

/** To read the last answer, ms. */
export const LEAVE_MS = 1000;

/**
 * For every new connection. Closing a WebSocket waits half a minute for the other side to agree: who was closed has a
 * moment to read why.
 */
export function destroyOnceClosed(socket: EngineSocket): void {
  const tcp = socket.request.socket;
  takeFromHttp(tcp);
  socket.once('close', () => {
    const timer = setTimeout(() => tcp.destroy(), LEAVE_MS);
    tcp.once('close', () => clearTimeout(timer));
  });
}
