import { asciiBytes, ByteReader, ByteWriter } from './bytes.js';
import { ProtocolError } from './errors.js';
import { lossBoundToWire, termsFromWire, type EvaluationTerms } from './evaluation.js';

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
  /** it measures its model on devices; absent: it trains */
  readonly evaluation?: EvaluationTerms;
}

const PREFIX = asciiBytes('starling-round-v1');
/** Numbers of fields that only some rounds have, each before its field, in ascending order. */
const FIELD = { clip: 1, evaluation: 2 } as const;

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
  if (record.clipMicros !== undefined) writer.uint(FIELD.clip, 1).uint(record.clipMicros, 8);
  if (record.evaluation !== undefined) writer.uint(FIELD.evaluation, 1).uint(lossBoundToWire(record.evaluation), 4);
  return writer.done();
}

/** @throws ProtocolError `malformed_message` */
export function decodeRoundRecord(bytes: Uint8Array): RoundRecord {
  const reader = new ByteReader(bytes).expect(PREFIX, 'round record');
  const record: RoundRecord = {
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
    ...readFields(reader),
  };
  reader.end();
  return record;
}

function readFields(reader: ByteReader): Pick<RoundRecord, 'clipMicros' | 'evaluation'> {
  const read: { clipMicros?: number; evaluation?: EvaluationTerms } = {};
  for (let last = 0; !reader.atEnd;) {
    const field = reader.uint(1);
    if (field <= last || !(field === FIELD.clip || field === FIELD.evaluation)) {
      throw new ProtocolError('malformed_message', 'a field that rounds do not have');
    }
    if (field === FIELD.clip) read.clipMicros = reader.uint(8);
    else read.evaluation = termsFromWire(reader.uint(4));
    last = field;
  }
  return read;
}
