import { io } from 'socket.io-client';

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
  return socketConnect(io, { transportOptions: { websocket } });
}
