import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';

export const BUNDLE = new URL('../../browser/starling.js', import.meta.url);

/** What an app would be: its functions are called by the test. */
const APP = `
import { browserPlatform, Device, Wallet } from './starling.js';

const withDevice = async (settings, work) => {
  const platform = await browserPlatform('digits');
  try {
    return await work(await Device.enrol(settings, platform), platform);
  } finally {
    platform.close();
  }
};
const outcome = (promise) => promise.catch(({ code, message }) => ({ code, message }));
const shrink = ({ parameters }) => parameters.map((value) => value + 0.5);

window.prefetch = (settings) => outcome(withDevice(settings, (device) => device.prefetch()));
window.held = (settings) =>
  outcome(withDevice(settings, async (_, { store }) => {
    const { identity, tokens } = await Wallet.open(store);
    return { deviceId: identity.deviceId, slots: tokens.map(({ slot }) => slot) };
  }));
window.participate = (settings) =>
  outcome(withDevice(settings, async (device) => (await device.participate(shrink)).outcome));
window.stay = async () => void (await browserPlatform('digits'));
window.ready = true;
`;
const PAGE = '<!doctype html><title>A device</title><script type="module" src="/app.js"></script>';
export const TYPES = { html: 'text/html', js: 'text/javascript' };

/** What is served, by its path: type and text. */
export type Files = Map<string, readonly [type: string, text: string]>;

export interface FileServer {
  readonly port: number;
  close(): void;
}

/** A page that is a device, under `127.0.0.1` and, as another origin, under `localhost`. */
export async function servePage(): Promise<FileServer> {
  const bundle = await readFile(BUNDLE, 'utf8');
  return serveFiles(
    new Map([
      ['/', [TYPES.html, PAGE]],
      ['/app.js', [TYPES.js, APP]],
      ['/starling.js', [TYPES.js, bundle]],
    ]),
  );
}

/** The files of a page of somebody's own; what is added later is served as well. */
export async function serveFiles(files: Files): Promise<FileServer> {
  const server: Server = createServer(({ url = '' }, response) => {
    const [type, text] = files.get(url) ?? [];
    if (type === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': type }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
