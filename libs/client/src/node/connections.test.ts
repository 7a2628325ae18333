import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { SeenHandshake } from '../intake.test-server.js';
import { TestStarling } from '../starling.test-server.js';

let starling: TestStarling;
beforeEach(async () => {
  starling = await TestStarling.start();
});
afterEach(() => starling.close());

const ADDRESSES = ['127.0.1.1', '127.0.1.2', '127.0.2.1'];

async function wholeFleet(): Promise<void> {
  const devices = await Promise.all(
    ADDRESSES.map((localAddress) => starling.device(starling.platform({ localAddress }))),
  );
  starling.coordinator.open(starling.deployment.record(5, 0));
  for (const device of devices) await device.participate(({ parameters }) => parameters.fill(0.01));
}

/** The handshake but for what HTTP demands to be fresh. */
const shapeOf = ({ url, headers, auth }: SeenHandshake): string =>
  JSON.stringify([
    url.replace(/permit=[0-9a-f]+/, 'permit=…'),
    Object.entries(headers).map(([name, value]) => [name, name === 'sec-websocket-key' ? '…' : value]),
    auth,
  ]);

describe('connections', () => {
  it('[DEV15] come from the address that was asked for, to all three servers', async () => {
    await wholeFleet();
    for (const seen of [
      starling.issuer.http.requests,
      starling.coordinator.http.requests,
      starling.intake.handshakes,
    ]) {
      expect(new Set(seen.map(({ remoteAddress }) => remoteAddress))).toEqual(new Set(ADDRESSES));
    }
  });

  // Kills: reconnecting, multiplexing, or keeping a connection for the upload or the next round.
  it('[DEV16] to intake are fresh: one for each step of each submission', async () => {
    await wholeFleet();
    const { handshakes } = starling.intake;
    expect(handshakes).toHaveLength(6);
    const ends = handshakes.map(({ remoteAddress, remotePort }) => `${remoteAddress}:${remotePort}`);
    expect(new Set(ends).size).toBe(6);
  });

  // Kills: a user agent, a cookie, an auth payload or a query field that differs between devices.
  it('[DEV16] to intake begin alike on all devices', async () => {
    await wholeFleet();
    const shapes = new Set(starling.intake.handshakes.map(shapeOf));
    expect([...shapes].filter((shape) => shape.includes('/submit/'))).toHaveLength(1);
    expect([...shapes].filter((shape) => shape.includes('/upload/'))).toHaveLength(1);
    expect(shapes.size).toBe(2);
    const names = new Set(starling.intake.handshakes.flatMap(({ headers }) => Object.keys(headers)));
    expect([...names].sort()).toEqual(['connection', 'host', 'sec-websocket-key', 'sec-websocket-version', 'upgrade']);
  });

  // Kills: one agent for all servers behind one name.
  it('[DEV17] to issuer and coordinator are never shared, not even where one address serves both', async () => {
    const platform = starling.platform();
    const { url } = starling.issuer.http;
    const get = { method: 'GET', maxBytes: 10_000 } as const;
    await platform.http.issuer(`${url}/one`, get);
    await platform.http.coordinator(`${url}/two`, get);
    await platform.http.issuer(`${url}/three`, get);
    const ports = Object.fromEntries(starling.issuer.http.requests.map(({ path, remotePort }) => [path, remotePort]));
    expect(ports['/one']).not.toBe(ports['/two']);
    expect(ports['/three']).toBe(ports['/one']);
  });

  it('[DEV17] take no longer answer than was asked for', async () => {
    const tooShort = { method: 'GET', maxBytes: 10 } as const;
    const path = `/v1/use-cases/digits/manifest`;
    await expect(starling.platform().http.issuer(starling.issuer.http.url + path, tooShort)).rejects.toThrow(
      'longer than',
    );
  });

  // Kills: an answer that is waited for when its server is gone, or taken for a whole one.
  it('[DEV17] that break off in the middle of an answer say so', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half of it', () => response.destroy());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const asked = starling.platform().http.issuer(`http://127.0.0.1:${port}/`, { method: 'GET', maxBytes: 1000 });
    await expect(asked).rejects.toThrow(/aborted|broke off/);
    server.close();
  });
});
