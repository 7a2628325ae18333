import type { io, ManagerOptions, SocketOptions } from 'socket.io-client';

import type { Connect } from './platform.js';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Fresh socket.io connections, websocket only, each with a handshake like all others of its platform.
 *
 * @param open  `io` of socket.io-client
 * @param options  what the platform's WebSocket takes besides
 */
export function socketConnect(open: typeof io, options: Partial<ManagerOptions & SocketOptions> = {}): Connect {
  return (url, path, query) =>
    new Promise((resolve, reject) => {
      const socket = open(url, {
        transports: ['websocket'],
        ...options,
        path,
        query: { ...query },
        forceNew: true,
        reconnection: false,
        timeout: CONNECT_TIMEOUT_MS,
      });
      socket.on('connect_error', (error) => {
        socket.disconnect();
        reject(error);
      });
      // The other side died between letting the WebSocket in and greeting it: that is no connect_error.
      socket.on('disconnect', (reason) => reject(new Error(`disconnected: ${reason}`)));
      socket.on('connect', () => {
        socket.off('disconnect');
        resolve({
          emitWithAck: async (event, payload, timeoutMs) =>
            withBytes(await socket.timeout(timeoutMs).emitWithAck(event, payload)),
          close: () => void socket.disconnect(),
        });
      });
    });
}

/** Browsers hand out `ArrayBuffer`s where Node has bytes. */
function withBytes(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [name, value instanceof ArrayBuffer ? new Uint8Array(value) : value]),
  );
}
