/*
 * Event files as TensorBoard reads them: records of TFRecord, each an Event in protocol buffers. Scalars alone, so that no
 * library is needed: https://www.tensorflow.org/tutorials/load_data/tfrecord, tensorboard/compat/proto/{event,summary}.proto.
 */

/** Values of one step, by their tags. */
export interface EventOfStep {
  /** unix seconds */
  readonly wallTime: number;
  readonly step: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/** @param startedAt  unix seconds */
export function encodeEventFile(startedAt: number, events: readonly EventOfStep[]): Uint8Array {
  const version = event(startedAt, [lengthDelimited(3, Buffer.from('brain.Event:2'))]);
  return Buffer.concat([version, ...events.map(encodeStep)].map(encodeRecord));
}

function encodeStep({ wallTime, step, scalars }: EventOfStep): Buffer {
  const values = Object.entries(scalars).map(([tag, value]) =>
    lengthDelimited(1, Buffer.concat([lengthDelimited(1, Buffer.from(tag)), float(2, value)])),
  );
  return event(wallTime, [key(2, WIRE.varint), varint(step), lengthDelimited(5, Buffer.concat(values))]);
}

const event = (wallTime: number, rest: readonly Buffer[]): Buffer => {
  const seconds = Buffer.alloc(8);
  seconds.writeDoubleLE(wallTime);
  return Buffer.concat([key(1, WIRE.fixed64), seconds, ...rest]);
};

/** u64(length) ‖ masked CRC of it ‖ data ‖ masked CRC of the data, little-endian */
export function encodeRecord(data: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, maskedCrc(length), data, maskedCrc(data)]);
}

/* Protocol buffers */

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const key = (field: number, wire: number): Buffer => Buffer.of((field << 3) | wire);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.of(...bytes, rest);
}

const lengthDelimited = (field: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([key(field, WIRE.bytes), varint(bytes.length), bytes]);

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, WIRE.fixed32), bytes]);
}

/* CRC-32C (Castagnoli), reflected */

const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** TFRecord's, because a CRC over data that holds CRCs is no good one. */
function maskedCrc(bytes: Uint8Array): Buffer {
  const crc = crc32c(bytes);
  const masked = Buffer.alloc(4);
  masked.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return masked;
}
