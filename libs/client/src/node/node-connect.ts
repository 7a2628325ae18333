import { io, NodeWebSocket } from 'socket.io-client';

import type { Connect } from '../platform.js';
import { socketConnect } from '../socket-connect.js';

/**
 * Fresh socket.io connections by `ws`, which keeps no TLS session and no cookie and sends no user agent:
 * every device's handshake looks the same.
 *
 * @param localAddress  address to come from; default: the system's choice
 */
export function nodeConnect(localAddress?: string): Connect {
  // engine.io-client hands both to `ws`, which hands the address to `net.connect`; its types know neither.
  const websocket = { perMessageDeflate: false, ...(localAddress === undefined ? {} : { localAddress }) };
  return socketConnect(io, { transports: [UnscrambledWebSocket], transportOptions: { websocket } });
}

/**
 * Masks by zero, which changes no byte: `ws` then sends an update as it lies in memory instead of a copy. Masks are there
 * so that a page in a browser cannot choose the bytes that leave it (RFC 6455, 10.3); who runs in Node opens any socket.
 */
class UnscrambledWebSocket extends NodeWebSocket {
  override createSocket(...[uri, protocols, options]: Parameters<NodeWebSocket['createSocket']>): unknown {
    return super.createSocket(uri, protocols, { ...options, generateMask: (mask: Uint8Array) => void mask.fill(0) });
  }
}
