import { asciiBytes, ByteReader, ByteWriter } from './bytes.js';

/** Whether a payload is readable by the worker (plain) or masked (later). */
export const MODE = { plain: 0 } as const;

/** What a device says about its update (protocol: H). All of it is under the MAC. */
export interface SubmissionHeader {
  readonly audience: string;
  readonly info: Uint8Array;
  /** the token's public half, 32 bytes */
  readonly token: Uint8Array;
  /** which use of the token, from 0 */
  readonly useNo: number;
  /** SHA-256 of the round record, 32 bytes */
  readonly recordDigest: Uint8Array;
  readonly mode: number;
  readonly encoding: number;
  /** index into the manifest's public weight levels */
  readonly weightLevel: number;
  /** bytes */
  readonly payloadLength: number;
  /** SHA-256, 32 bytes */
  readonly payloadDigest: Uint8Array;
  /** empty in plain mode */
  readonly sealedSeed: Uint8Array;
}

/** A header is checked before any body byte is taken: it stays small. */
export const MAX_HEADER_BYTES = 1024;

const PREFIX = asciiBytes('starling-submit-v1');

export function encodeHeader(header: SubmissionHeader): Uint8Array {
  return new ByteWriter()
    .raw(PREFIX)
    .text(header.audience)
    .lp(header.info)
    .fixed(header.token, 32)
    .uint(header.useNo, 1)
    .fixed(header.recordDigest, 32)
    .uint(header.mode, 1)
    .uint(header.encoding, 1)
    .uint(header.weightLevel, 1)
    .uint(header.payloadLength, 4)
    .fixed(header.payloadDigest, 32)
    .lp(header.sealedSeed)
    .done();
}

/** @throws ProtocolError `malformed_message` unless `bytes` is exactly one canonical header */
export function decodeHeader(bytes: Uint8Array): SubmissionHeader {
  const reader = new ByteReader(bytes).expect(PREFIX, 'submission header');
  const header: SubmissionHeader = {
    audience: reader.text(),
    info: reader.lp(),
    token: reader.fixed(32),
    useNo: reader.uint(1),
    recordDigest: reader.fixed(32),
    mode: reader.uint(1),
    encoding: reader.uint(1),
    weightLevel: reader.uint(1),
    payloadLength: reader.uint(4),
    payloadDigest: reader.fixed(32),
    sealedSeed: reader.lp(),
  };
  reader.end();
  return header;
}
