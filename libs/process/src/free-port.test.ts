import { createServer } from 'node:net';
import { once } from 'node:events';

import { describe, expect, it } from '@jest/globals';

import { freePort } from './free-port.js';

describe('freePort', () => {
  it('[PRC7] gives the preferred port when it is free, else another', async () => {
    const preferred = await freePort();
    expect(await freePort(preferred)).toBe(preferred);
    const server = createServer().listen(preferred, '127.0.0.1');
    await once(server, 'listening');
    const other = await freePort(preferred);
    server.close();
    expect(other).not.toBe(preferred);
    expect(other).toBeGreaterThan(0);
  });
});
