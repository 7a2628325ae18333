import { createHash } from 'node:crypto';

import type { BodyStore } from '#storage/bodies';

import { damaged } from './update-body.js';

/** @returns SHA-256 of the bytes, which are durable */
export async function writeBody(store: BodyStore, id: Uint8Array, bytes: Uint8Array): Promise<Uint8Array> {
  const writer = store.create(id);
  await writer.write(bytes);
  await writer.commit();
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

/** Reads a body of exactly the buffer's length. The digest is checked again: files may rot between intake and here. */
export async function readInto(
  store: BodyStore,
  id: Uint8Array,
  buffer: Uint8Array,
  digest: Uint8Array,
): Promise<void> {
  const hash = createHash('sha256');
  let at = 0;
  for await (const chunk of store.read(id)) {
    if (at + chunk.length > buffer.length) throw damaged();
    hash.update(chunk);
    buffer.set(chunk, at);
    at += chunk.length;
  }
  if (at !== buffer.length || !hash.digest().equals(digest)) throw damaged();
}
