import { createServer, type Server as HttpServer } from 'node:http';
import { connect, createServer as createRelay, type AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

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

// Kills: a frame without a mask, which servers must refuse; a copy of every part of an update, to scramble it.
it('[DEV34] bytes leave as they lie in memory, in frames that have a mask', async () => {
  const sent: Buffer[] = [];
  const relay = createRelay((device) => {
    const server = connect((http.address() as AddressInfo).port, '127.0.0.1');
    device.on('data', (part) => sent.push(part));
    pipeline(device, server, device, () => undefined);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  sockets.on('connection', (socket) => socket.on('upload', (_message, reply: (ack: object) => void) => reply({})));

  const { port } = relay.address() as AddressInfo;
  const connection = await nodeConnect()(`http://127.0.0.1:${port}`, '/submit', {});
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  try {
    await connection.emitWithAck('upload', { bytes }, 5000);
    // RFC 6455, 5.2: the last frame, binary; masked, with a length of two bytes; 256; the mask.
    const frame = Buffer.from([0x82, 0x80 | 126, 1, 0, 0, 0, 0, 0, ...bytes]);
    expect(Buffer.concat(sent).includes(frame)).toBe(true);
  } finally {
    connection.close();
    relay.close();
  }
});
