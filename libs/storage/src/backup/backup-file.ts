import { createHash, randomBytes, type Hash } from 'node:crypto';
import { link, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

import { syncDirectory } from '#process';

import { StorageError } from '../database/index.js';

/*
 * A backup is one file:
 *
 *   magic | section … | u32 0 | SHA-256 of all bytes before it
 *   section = u32 length of its name | name | chunk … | u32 0
 *   chunk   = u32 length, at least 1 | bytes
 *
 * Integers are big-endian. The digest finds damage; it does not prove who made the file.
 */
const MAGIC = Buffer.from('starling-backup-v1\n');
const DIGEST_BYTES = 32;
/** bytes collected before they are written */
const WRITE_BYTES = 262_144;
const READ_BYTES = 1_048_576;
const MAX_NAME = 1024;

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Writes a backup beside its place, mode 600; it takes its name when it is whole, and never another file's. */
export class BackupWriter {
  readonly #hash: Hash = createHash('sha256');
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #bytes = 0;

  private constructor(
    private readonly path: string,
    private readonly temporary: string,
    private readonly file: FileHandle,
  ) {}

  static async create(path: string): Promise<BackupWriter> {
    const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
    const writer = new BackupWriter(path, temporary, await open(temporary, 'wx', 0o600));
    await writer.#write(MAGIC);
    return writer;
  }

  async section(name: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const bytes = Buffer.from(name);
    await this.#write(Buffer.concat([u32(bytes.length), bytes]));
    for await (const chunk of chunks) if (chunk.length > 0) await this.#write(u32(chunk.length), chunk);
    await this.#write(u32(0));
  }

  /** @returns how many bytes the file has; durable when it does @throws an Error of code EEXIST where there is such a file */
  async finish(): Promise<number> {
    await this.#write(u32(0));
    await this.#flush();
    await this.file.write(this.#hash.digest());
    await this.file.sync();
    await link(this.temporary, this.path); // unlike a rename it replaces nothing
    await this.discard();
    await syncDirectory(dirname(this.path));
    return this.#bytes + DIGEST_BYTES;
  }

  /** Removes what was written, unless it is finished. */
  async discard(): Promise<void> {
    await this.file.close();
    await rm(this.temporary, { force: true });
  }

  async #write(...parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) {
      this.#pending.push(part);
      this.#pendingBytes += part.length;
    }
    if (this.#pendingBytes >= WRITE_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pending);
    [this.#pending, this.#pendingBytes] = [[], 0];
    this.#hash.update(bytes);
    await this.file.appendFile(bytes);
    this.#bytes += bytes.length;
  }
}

export interface Section {
  readonly name: string;
  /** to be read before the next section is asked for */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Reads a backup whose digest was checked; the file stays open meanwhile, so it is the one that was checked. */
export class BackupReader {
  private constructor(
    private readonly file: FileHandle,
    private readonly size: number,
  ) {}

  /** @throws StorageError `bad_digest` for a file that is damaged, cut off or no backup */
  static async open(path: string): Promise<BackupReader> {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      await checkDigest(file, size);
      return new BackupReader(file, size - DIGEST_BYTES);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** In the order in which they were written, from the first on. */
  async *sections(): AsyncGenerator<Section> {
    const bytes = new Bytes(this.file, MAGIC.length, this.size);
    for (;;) {
      const length = await bytes.u32();
      if (length === 0) return;
      if (length > MAX_NAME) throw damaged();
      const name = (await bytes.take(length)).toString();
      const chunks = chunksOf(bytes);
      yield { name, chunks };
      for await (const _ of chunks); // what was not read is passed over
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

async function* chunksOf(bytes: Bytes): AsyncGenerator<Uint8Array> {
  for (let length = await bytes.u32(); length > 0; length = await bytes.u32()) yield await bytes.take(length);
}

async function checkDigest(file: FileHandle, size: number): Promise<void> {
  const body = size - DIGEST_BYTES;
  if (body < MAGIC.length) throw damaged();
  const bytes = new Bytes(file, 0, size);
  if (!(await bytes.take(MAGIC.length)).equals(MAGIC)) throw damaged();
  const hash = createHash('sha256').update(MAGIC);
  for (let left = body - MAGIC.length; left > 0;) {
    const part = await bytes.take(Math.min(left, READ_BYTES));
    hash.update(part);
    left -= part.length;
  }
  if (!(await bytes.take(DIGEST_BYTES)).equals(hash.digest())) throw damaged();
}

const damaged = (): StorageError =>
  new StorageError('bad_digest', 'this file is damaged, cut off, or no backup of Starling');

/** A file from an offset on, read ahead. */
class Bytes {
  #buffer = Buffer.alloc(0);

  constructor(
    private readonly file: FileHandle,
    private at: number,
    private readonly end: number,
  ) {}

  async u32(): Promise<number> {
    return (await this.take(4)).readUInt32BE();
  }

  /** @returns bytes of its own */
  async take(length: number): Promise<Buffer> {
    while (this.#buffer.length < length) {
      const wanted = Math.min(Math.max(READ_BYTES, length - this.#buffer.length), this.end - this.at);
      if (wanted <= 0) throw damaged();
      const { bytesRead, buffer } = await this.file.read(Buffer.alloc(wanted), 0, wanted, this.at);
      if (bytesRead === 0) throw damaged();
      this.at += bytesRead;
      this.#buffer = Buffer.concat([this.#buffer, buffer.subarray(0, bytesRead)]);
    }
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return taken;
  }
}
