/** SHA-256, passed in: this library has no I/O and no platform. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** SHA-256(0x00 ‖ leaf). The prefix keeps a leaf from passing for a node. @see RFC 9162, section 2.1.1 */
export const leafHash = (sha256: Sha256, leaf: Uint8Array): Uint8Array => sha256(prefixed(0, leaf));

/** SHA-256(0x01 ‖ left ‖ right) */
export const nodeHash = (sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(prefixed(1, left, right));

function prefixed(prefix: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(1 + parts.reduce((length, part) => length + part.length, 0));
  bytes[0] = prefix;
  let at = 1;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
