import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { ClientError } from '../errors.js';
import type { TokenStore } from '../token-store.js';
import { lockStore, type StoreLock } from './store-lock.js';

const NAME = /^[a-z0-9-]{1,64}$/;

/**
 * One file a value, readable by its owner alone. A value appears by rename, after its bytes and before
 * its name are on the disk, so a crash leaves the old one or the new one.
 *
 * From the first value that is asked for until it is closed, the folder is this store's alone: a device keeps in memory
 * what it read, so of two on one folder each would spend the other's tokens and overwrite what it wrote.
 *
 * Whoever can read the directory can spend its tokens; where the system has a keystore, put an
 * `EncryptedTokenStore` in front.
 */
export class FileTokenStore implements TokenStore {
  #taking: Promise<void> | undefined;
  #lock: StoreLock | undefined;
  /** reads and writes under way */
  #running = 0;
  #isClosed = false;

  /** @param directory  made where it is missing */
  constructor(private readonly directory: string) {}

  /** @throws ClientError `store_in_use` where another process has the folder, or this store was closed */
  async read(name: string): Promise<Uint8Array | undefined> {
    const path = this.#path(name);
    const bytes = await this.#alone(() => readFile(path).catch(unlessMissing));
    return bytes && Uint8Array.from(bytes);
  }

  /** @throws ClientError as `read` */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(name);
    await this.#alone(() => this.#replace(path, bytes));
  }

  /** @throws ClientError as `read` */
  async remove(name: string): Promise<void> {
    const path = this.#path(name);
    await this.#alone(async () => {
      await rm(`${path}.draft`, { force: true });
      await rm(path, { force: true });
    });
  }

  /** Lets another process have the folder. For good: what was read before may be out of date by then. */
  close(): void {
    this.#isClosed = true;
    this.#leave();
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new ClientError('store_in_use', `the store in ${this.directory} was closed`);
    this.#running += 1;
    try {
      await (this.#taking ??= this.#take());
      return await work();
    } finally {
      this.#running -= 1;
      this.#leave();
    }
  }

  /** Not while something is being written. */
  #leave(): void {
    if (this.#isClosed && this.#running === 0) this.#lock?.release();
  }

  async #take(): Promise<void> {
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      this.#lock = await lockStore(this.directory);
    } catch (error) {
      // Who asks later may be luckier.
      this.#taking = undefined;
      throw error;
    }
  }

  async #replace(path: string, bytes: Uint8Array): Promise<void> {
    // One name, so that a crash leaves one draft at most, and the next write takes its place.
    const draft = `${path}.draft`;
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await this.#syncDirectory();
  }

  #path(name: string): string {
    if (!NAME.test(name)) throw new RangeError('a name in a token store is lower-case letters, digits and dashes');
    return join(this.directory, name);
  }

  /** Without it, the rename itself may not survive a power cut. Windows cannot be asked for it. */
  async #syncDirectory(): Promise<void> {
    if (process.platform === 'win32') return;
    const directory = await open(this.directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
