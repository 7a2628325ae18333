import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { TokenStore } from '../token-store.js';

const NAME = /^[a-z0-9-]{1,64}$/;

/**
 * One file a value, readable by its owner alone. A value appears by rename, after its bytes and before
 * its name are on the disk, so a crash leaves the old one or the new one. One process at a time.
 *
 * Whoever can read the directory can spend its tokens; where the system has a keystore, put an
 * `EncryptedTokenStore` in front.
 */
export class FileTokenStore implements TokenStore {
  constructor(private readonly directory: string) {}

  async read(name: string): Promise<Uint8Array | undefined> {
    try {
      return Uint8Array.from(await readFile(this.#path(name)));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const path = this.#path(name);
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

  async remove(name: string): Promise<void> {
    const path = this.#path(name);
    await rm(`${path}.draft`, { force: true });
    await rm(path, { force: true });
  }

  #path(name: string): string {
    if (!NAME.test(name)) throw new RangeError('a name in a token store is lower-case letters, digits and dashes');
    return join(this.directory, name);
  }

  /** Without it, the rename itself may not survive a power cut. */
  async #syncDirectory(): Promise<void> {
    const directory = await open(this.directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
