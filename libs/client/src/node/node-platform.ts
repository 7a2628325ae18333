import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Platform } from '../platform.js';
import { MemoryTokenStore, type TokenStore } from '../token-store.js';
import { FileTokenStore } from './file-token-store.js';
import { nodeConnect } from './node-connect.js';
import { nodeHashes } from './node-hashes.js';
import { nodeHttp } from './node-http.js';
import { nodeVerify } from './node-verify.js';

export interface NodeSettings {
  /** where tokens are kept, by one process at a time; without it they are lost with the process */
  readonly directory?: string;
  /** address all connections come from: simulations give each device its own */
  readonly localAddress?: string;
}

export interface NodePlatform extends Platform {
  /** Ends connections kept for the next request, and lets another process have the directory. */
  close(): void;
}

/** A device's machine, as Node has it. */
export function nodePlatform({ directory, localAddress }: NodeSettings = {}): NodePlatform {
  const [issuer, coordinator] = [nodeHttp(localAddress), nodeHttp(localAddress)];
  const store: TokenStore = directory === undefined ? new MemoryTokenStore() : new FileTokenStore(directory);
  return {
    http: { issuer: issuer.http, coordinator: coordinator.http },
    connect: nodeConnect(localAddress),
    random: (length) => Uint8Array.from(randomBytes(length)),
    hashes: nodeHashes,
    verify: nodeVerify,
    clock: {
      now: () => Date.now(),
      sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
    },
    store,
    close: () => {
      store.close?.();
      issuer.close();
      coordinator.close();
    },
  };
}
