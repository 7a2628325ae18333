import { asciiBytes, ByteReader, ByteWriter } from './bytes.js';

/** What a token is for: the attributes its key is derived from. */
export interface TokenInfo {
  readonly useCase: string;
  /** credential suite id, so that no two suites ever share an `info` */
  readonly suite: string;
  /** index since the manifest's epoch origin, by the database's clock */
  readonly epoch: number;
  /** index within the epoch; a round occupies one slot */
  readonly slot: number;
}

const PREFIX = asciiBytes('starling-info-v1');

/**
 * info = "starling-info-v1" ‖ LP(useCase) ‖ LP(suite) ‖ u32(epoch) ‖ u16(slot)
 *
 * Length-prefixed because ACS hashes attributes by plain concatenation: there ("ab","c") and
 * ("a","bc") derive one key, here they are two.
 */
export function encodeInfo({ useCase, suite, epoch, slot }: TokenInfo): Uint8Array {
  return new ByteWriter().raw(PREFIX).text(useCase).text(suite).uint(epoch, 4).uint(slot, 2).done();
}

/** @throws ProtocolError `malformed_message` unless `bytes` is exactly one canonical info */
export function decodeInfo(bytes: Uint8Array): TokenInfo {
  const reader = new ByteReader(bytes).expect(PREFIX, 'token info');
  const info = { useCase: reader.text(), suite: reader.text(), epoch: reader.uint(4), slot: reader.uint(2) };
  reader.end();
  return info;
}
