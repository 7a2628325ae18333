import { EventEmitter } from 'node:events';

import { expect, it, jest } from '@jest/globals';

import { dropWhoNeverReads } from './event-sockets.js';

// Kills: keeping all that happens for who answers pings and reads nothing.
it('[LOD6] who is 64 news behind hears no more', () => {
  const [close, destroy] = [jest.fn(), jest.fn()];
  const writeBuffer: string[] = [];
  const socket = Object.assign(new EventEmitter(), { close, writeBuffer, request: { socket: { destroy } } });
  dropWhoNeverReads(socket as never);
  for (let i = 0; i < 64; i++) {
    socket.emit('packetCreate');
    writeBuffer.push('news');
  }
  expect(close).not.toHaveBeenCalled();
  socket.emit('packetCreate');
  expect(close).toHaveBeenCalledWith(true);
  expect(destroy).toHaveBeenCalled();
});
