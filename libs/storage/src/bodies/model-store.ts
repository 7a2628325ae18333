import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { StorageError } from '../database/index.js';
import { syncFolder } from './file-body-store.js';

/** Begins the name of a file that has no digest yet. */
const UNFINISHED = '.';

/** Models, topologies and evaluation sets: files named by the SHA-256 of their bytes, never changed. */
export class ModelStore {
  constructor(private readonly directory: string) {}

  /** @returns the digest; durable when it does. Putting the same bytes again is harmless. */
  put(bytes: Uint8Array): Promise<Uint8Array> {
    return this.putStream([bytes]);
  }

  /** The same for bytes that come bit by bit: memory stays small. What throws on the way leaves nothing behind. */
  async putStream(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const temporary = join(this.directory, `${UNFINISHED}${randomBytes(8).toString('hex')}`);
    const file = await open(temporary, 'wx', 0o600);
    const hash = createHash('sha256');
    try {
      for await (const chunk of chunks) {
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      await file.sync();
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    const digest = hash.digest();
    await rename(temporary, this.path(digest));
    await syncFolder(this.directory);
    return digest;
  }

  /** @returns undefined when there is no such file @throws StorageError `bad_digest` when its bytes changed */
  async get(digest: Uint8Array): Promise<Uint8Array | undefined> {
    const bytes = await readFile(this.path(digest)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (bytes === undefined) return undefined;
    if (!createHash('sha256').update(bytes).digest().equals(digest)) {
      throw new StorageError('bad_digest', 'a stored model is not what its name says: the file was changed');
    }
    return bytes;
  }

  /** Deletes what was half written when its process was killed, and not written to since `before` (unix ms). */
  async sweep(before: number): Promise<void> {
    for (const name of await readdir(this.directory).catch(() => [])) {
      if (!name.startsWith(UNFINISHED)) continue;
      const path = join(this.directory, name);
      const written = await stat(path).catch(() => undefined);
      if (written !== undefined && written.mtimeMs < before) await rm(path, { force: true });
    }
  }

  path(digest: Uint8Array): string {
    return join(this.directory, Buffer.from(digest).toString('hex'));
  }
}
