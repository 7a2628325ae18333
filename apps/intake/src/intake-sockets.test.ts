import { EventEmitter } from 'node:events';

import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';

import { ConnectionTimes } from './intake-sockets.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

// Kills: a connection that is kept for as long as it answers pings, one more with each token.
it('[SUB2] a connection to /upload ends soon after its permit', () => {
  const close = jest.fn();
  const socket = Object.assign(new EventEmitter(), { close, request: { socket: { destroy: jest.fn() } } });
  new ConnectionTimes().uploading(socket as never, 1500);
  jest.advanceTimersByTime(31_499);
  expect(close).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(close).toHaveBeenCalledWith(true);
});
