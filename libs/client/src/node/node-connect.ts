import { io } from 'socket.io-client';

import type { Connect } from '../platform.js';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Fresh socket.io connections by `ws`, which keeps no TLS session and no cookie and sends no user agent:
 * every device's handshake looks the same.
 *
 * @param localAddress  address to come from; default: the system's choice
 */
export function nodeConnect(localAddress?: string): Connect {
  // engine.io-client hands both to `ws`, which hands the address to `net.connect`; its types know neither.
  const websocket = { perMessageDeflate: false, ...(localAddress === undefined ? {} : { localAddress }) };
  return (url, path, query) =>
    new Promise((resolve, reject) => {
      const socket = io(url, {
        path,
        query: { ...query },
        transports: ['websocket'],
        transportOptions: { websocket },
        forceNew: true,
        reconnection: false,
        timeout: CONNECT_TIMEOUT_MS,
      });
      socket.on('connect_error', (error) => {
        socket.disconnect();
        reject(error);
      });
      socket.on('connect', () =>
        resolve({
          emitWithAck: (event, payload, timeoutMs) =>
            socket.timeout(timeoutMs).emitWithAck(event, payload) as Promise<unknown>,
          close: () => void socket.disconnect(),
        }),
      );
    });
}
