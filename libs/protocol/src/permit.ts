import { asciiBytes, ByteReader, ByteWriter } from './bytes.js';

/** Leave to upload one body, given for a header whose MAC held. */
export interface Permit {
  /** random, 16 bytes; also the body's name, so that nothing about the sender or the content names a file */
  readonly uploadId: Uint8Array;
  /** unix ms */
  readonly expiresAt: number;
  /** HMAC of the deployment over `permitMessage`, 32 bytes */
  readonly mac: Uint8Array;
}

const PREFIX = asciiBytes('starling-permit-v1');

export function permitMessage(headerDigest: Uint8Array, uploadId: Uint8Array, expiresAt: number): Uint8Array {
  return new ByteWriter().raw(PREFIX).fixed(headerDigest, 32).fixed(uploadId, 16).uint(expiresAt, 8).done();
}

export function encodePermit({ uploadId, expiresAt, mac }: Permit): Uint8Array {
  return new ByteWriter().fixed(uploadId, 16).uint(expiresAt, 8).fixed(mac, 32).done();
}

/** @throws ProtocolError `malformed_message` */
export function decodePermit(bytes: Uint8Array): Permit {
  const reader = new ByteReader(bytes);
  const permit = { uploadId: reader.fixed(16), expiresAt: reader.uint(8), mac: reader.fixed(32) };
  reader.end();
  return permit;
}
