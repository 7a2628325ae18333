import { io } from 'socket.io-client';

import { nobleHashes } from '#credential';

import { ClientError } from '../errors.js';
import type { Clock, Platform } from '../platform.js';
import { socketConnect } from '../socket-connect.js';
import { browserHttp } from './browser-http.js';
import { IndexedDbTokenStore } from './indexed-db-token-store.js';

export interface BrowserPlatform extends Platform {
  /** Lets another tab be the device. */
  close(): void;
}

/**
 * A device's machine, as a browser has it. Only one tab at a time can be the device: two would spend the same tokens.
 *
 * A browser adds its name and the page's origin to every handshake; devices in browsers hide among those of
 * the same browser and page only.
 *
 * @param name  of the device's database; one a use case
 * @throws ClientError `store_in_use` where another tab is the device
 */
export async function browserPlatform(name: string): Promise<BrowserPlatform> {
  const release = await lock(`starling ${name}`);
  const store = await IndexedDbTokenStore.open(`starling ${name}`);
  return {
    ...browserAsker,
    http: { issuer: browserHttp, coordinator: browserHttp },
    connect: socketConnect(io),
    store,
    close: () => {
      store.close();
      release();
    },
  };
}

/** Deletes the device of this name: its key, its tokens, all that it knows. The issuer keeps its own record. */
export const forgetDevice = (name: string): Promise<void> => IndexedDbTokenStore.forget(`starling ${name}`);

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', leave);
        resolve();
      }, ms);
      if (signal?.aborted === true) leave();
      signal?.addEventListener('abort', leave);
    }),
};

/** What asking takes that needs no store: to look at a use case before there is a device. */
export const browserAsker = {
  http: browserHttp,
  clock,
  random: (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length)),
  hashes: nobleHashes,
};

/** Holds a lock of the origin until it is released, or the tab is gone. */
function lock(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request(name, { ifAvailable: true }, (granted) => {
      if (granted === null) throw new ClientError('store_in_use', 'another tab is this device now');
      return new Promise<void>((release) => resolve(release));
    });
    held.catch(reject);
  });
}
