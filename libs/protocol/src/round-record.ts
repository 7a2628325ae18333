import { asciiBytes, ByteReader, ByteWriter } from './bytes.js';
import { ProtocolError } from './errors.js';

/** The round as every device sees it (protocol: R). Fixed before the round opens, equal for everybody. */
export interface RoundRecord {
  /** canonical token info of the round's slot */
  readonly info: Uint8Array;
  /** which use of the slot's tokens, from 0: a slot spans as many rounds as the manifest's `reuse` */
  readonly useNo: number;
  /** 16 bytes */
  readonly roundId: Uint8Array;
  /** SHA-256 of the model file the round starts from, 32 bytes */
  readonly modelDigest: Uint8Array;
  /** SHA-256 of the use case's manifest bytes, 32 bytes */
  readonly manifestDigest: Uint8Array;
  /** devices submit at open + U(0, W); ms */
  readonly jitterMs: number;
  /** the round closes this long after opening at the latest; ms */
  readonly deadlineMs: number;
  /** fewer acceptances than this abandon the round */
  readonly min: number;
  /** enough acceptances to close early */
  readonly target: number;
  /** tokens issued for the slot: the anonymity set */
  readonly issued: number;
  /** L2 bound of a delta in millionths, where the task's clipping is adaptive */
  readonly clipMicros?: number | undefined;
}

const PREFIX = asciiBytes('starling-round-v1');
/** Before a field that only some rounds have. */
const CLIP = 1;

export function encodeRoundRecord(record: RoundRecord): Uint8Array {
  const writer = new ByteWriter()
    .raw(PREFIX)
    .lp(record.info)
    .uint(record.useNo, 1)
    .fixed(record.roundId, 16)
    .fixed(record.modelDigest, 32)
    .fixed(record.manifestDigest, 32)
    .uint(record.jitterMs, 4)
    .uint(record.deadlineMs, 4)
    .uint(record.min, 4)
    .uint(record.target, 4)
    .uint(record.issued, 4);
  if (record.clipMicros !== undefined) writer.uint(CLIP, 1).uint(record.clipMicros, 8);
  return writer.done();
}

/** @throws ProtocolError `malformed_message` */
export function decodeRoundRecord(bytes: Uint8Array): RoundRecord {
  const reader = new ByteReader(bytes).expect(PREFIX, 'round record');
  const fields: RoundRecord = {
    info: reader.lp(),
    useNo: reader.uint(1),
    roundId: reader.fixed(16),
    modelDigest: reader.fixed(32),
    manifestDigest: reader.fixed(32),
    jitterMs: reader.uint(4),
    deadlineMs: reader.uint(4),
    min: reader.uint(4),
    target: reader.uint(4),
    issued: reader.uint(4),
  };
  const record = reader.atEnd ? fields : { ...fields, clipMicros: readClip(reader) };
  reader.end();
  return record;
}

function readClip(reader: ByteReader): number {
  if (reader.uint(1) !== CLIP) throw new ProtocolError('malformed_message', 'a field that rounds do not have');
  return reader.uint(8);
}
