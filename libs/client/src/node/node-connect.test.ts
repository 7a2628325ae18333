import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Server } from 'socket.io';

import { nodeConnect } from './node-connect.js';

let http: HttpServer;
let sockets: Server;

beforeEach(async () => {
  http = createServer();
  sockets = new Server(http, { path: '/submit', transports: ['websocket'] });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});
afterEach(() => sockets.close());

// Kills: a device that waits for ever, because intake was killed after it had let the WebSocket in and before it said so.
it('[DEV11] a connection that is lost before it was greeted is a lost connection', async () => {
  sockets.use(() => {}); // greets nobody
  sockets.engine.on('connection', (socket: { close(discard: boolean): void }) =>
    setTimeout(() => socket.close(true), 20),
  );
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  await expect(nodeConnect()(url, '/submit', {})).rejects.toThrow('disconnected');
});
