import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { StorageError } from '../database/index.js';

/** Bytes on their way into the store. Nothing is there until `commit` has returned. */
export interface BodyWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Durable when this returns: the file and the folders that name it are synced. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** A body that is read piece by piece, in any order. */
export interface OpenBody {
  /** bytes */
  readonly length: number;
  /** Fills all of `into`. @throws StorageError `body_damaged` where the body ends before */
  read(into: Uint8Array, position: number): Promise<void>;
  close(): Promise<void>;
}

/** Update bodies and partial sums: megabytes under a random id, written once, deleted after publishing. */
export interface BodyStore {
  create(id: Uint8Array): BodyWriter;
  /** @returns chunks of up to 1 MiB @throws StorageError `body_missing` */
  read(id: Uint8Array): AsyncIterable<Uint8Array>;
  /** To be closed. @throws StorageError `body_missing` */
  open(id: Uint8Array): Promise<OpenBody>;
  /** Also what is left of one that was never committed. */
  delete(id: Uint8Array): Promise<void>;
}

const READ_CHUNK_BYTES = 2 ** 20;
/** As much as the largest chunk of an upload. */
const PROBE = new Uint8Array(262_144);

/** The body store on a local disk: one file a body, in 256 folders. */
export class FileBodyStore implements BodyStore {
  constructor(private readonly directory: string) {}

  create(id: Uint8Array): BodyWriter {
    return new FileBodyWriter(this.#path(id));
  }

  async *read(id: Uint8Array): AsyncIterable<Uint8Array> {
    try {
      yield* createReadStream(this.#path(id), { highWaterMark: READ_CHUNK_BYTES });
    } catch (cause) {
      throw missingOr(cause);
    }
  }

  async open(id: Uint8Array): Promise<OpenBody> {
    const file = await open(this.#path(id), 'r').catch((cause: unknown) => {
      throw missingOr(cause);
    });
    try {
      return new FileBody(file, (await file.stat()).size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async delete(id: Uint8Array): Promise<void> {
    const path = this.#path(id);
    await Promise.all([path, partOf(path)].map((name) => rm(name, { force: true })));
  }

  /** Looks whether another body can be written. @throws Error of the file system */
  async assertRoom(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const path = join(this.directory, `probe-${randomBytes(8).toString('hex')}`);
    try {
      await writeFile(path, PROBE, { mode: 0o600 });
    } finally {
      await rm(path, { force: true });
    }
  }

  /** Ids of all bodies last written before `before` (unix ms): what garbage collection looks at. */
  async *olderThan(before: number): AsyncIterable<Uint8Array> {
    for (const folder of await readdir(this.directory).catch(() => [])) {
      for (const name of await readdir(join(this.directory, folder)).catch(() => [])) {
        const written = await stat(join(this.directory, folder, name)).catch(() => undefined);
        if (written !== undefined && written.mtimeMs < before) yield Buffer.from(name.replace('.part', ''), 'hex');
      }
    }
  }

  #path(id: Uint8Array): string {
    const name = Buffer.from(id).toString('hex');
    return join(this.directory, name.slice(0, 2), name);
  }
}

class FileBody implements OpenBody {
  constructor(
    private readonly file: FileHandle,
    readonly length: number,
  ) {}

  async read(into: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < into.length;) {
      const { bytesRead } = await this.file.read(into, at, into.length - at, position + at);
      if (bytesRead === 0) throw new StorageError('body_damaged', 'a stored body has lost its end');
      at += bytesRead;
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

class FileBodyWriter implements BodyWriter {
  #file: Promise<FileHandle> | undefined;

  constructor(private readonly path: string) {}

  async write(chunk: Uint8Array): Promise<void> {
    const file = await (this.#file ??= this.#open());
    // A short write is possible; writeFile on a handle continues at its position until all is written.
    await file.writeFile(chunk);
  }

  async commit(): Promise<void> {
    const file = await (this.#file ??= this.#open());
    await file.datasync();
    await file.close();
    await rename(this.#part, this.path);
    // The folder may be as new as the file.
    await syncFolder(dirname(this.path));
    await syncFolder(dirname(dirname(this.path)));
  }

  async discard(): Promise<void> {
    if (this.#file === undefined) return;
    const file = await this.#file.catch(() => undefined);
    await file?.close().catch(() => {});
    await rm(this.#part, { force: true });
  }

  get #part(): string {
    return partOf(this.path);
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    return open(this.#part, 'wx', 0o600);
  }
}

const partOf = (path: string): string => `${path}.part`;

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export const newBodyId = (): Uint8Array => new Uint8Array(randomBytes(16));

const missingOr = (cause: unknown): unknown =>
  isMissing(cause) ? new StorageError('body_missing', 'an update body is not in the store', { cause }) : cause;

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
