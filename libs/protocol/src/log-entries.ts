import { asciiBytes, ByteReader, ByteWriter } from './bytes.js';

/** "starling-derived-keys-v1" ‖ u16(n) ‖ n × LP(public key): an epoch's, in the order of its slots. To be hashed. */
export function derivedKeyList(publicKeys: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter().raw(asciiBytes('starling-derived-keys-v1')).uint(publicKeys.length, 2);
  for (const key of publicKeys) writer.lp(key);
  return writer.done();
}

/** Leaves as a tile carries them: LP(leaf) each. */
export function encodeEntries(leaves: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  for (const leaf of leaves) writer.lp(leaf);
  return writer.done();
}

/** @throws ProtocolError `malformed_message` */
export function decodeEntries(bytes: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(bytes);
  const leaves: Uint8Array[] = [];
  while (!reader.atEnd) leaves.push(reader.lp());
  return leaves;
}
