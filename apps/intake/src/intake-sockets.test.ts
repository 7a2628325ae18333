import { EventEmitter } from 'node:events';

import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';

import { ConnectionTimes } from './intake-sockets.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function uploader() {
  const close = jest.fn();
  const tcp = { destroy: jest.fn(), bytesRead: 1000 };
  return { close, tcp, socket: Object.assign(new EventEmitter(), { close, request: { socket: tcp } }) };
}

// Kills: a connection that is kept for as long as it answers pings, one more with each token.
it('[SUB2] a connection to /upload ends soon after its permit', () => {
  const { socket, close } = uploader();
  new ConnectionTimes().uploading(socket as never, 1500, () => true);
  jest.advanceTimersByTime(31_499);
  expect(close).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(close).toHaveBeenCalledWith(true);
});

// Kills: a body in drops, which holds a connection and a file for as long as its permit; ending who waits for an answer.
it('[LOD5] a connection to /upload ends when less than 4 kB come in five seconds and no answer is owed', () => {
  const { socket, close, tcp } = uploader();
  let owes = true;
  new ConnectionTimes().uploading(socket as never, 600_000, () => owes);
  jest.advanceTimersByTime(5000);
  owes = false;
  for (let i = 0; i < 5; i++) {
    tcp.bytesRead += 4096;
    jest.advanceTimersByTime(5000);
  }
  expect(close).not.toHaveBeenCalled();
  tcp.bytesRead += 4095;
  jest.advanceTimersByTime(5000);
  expect(close).toHaveBeenCalledWith(true);
});
