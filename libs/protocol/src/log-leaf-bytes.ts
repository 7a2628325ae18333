import { asciiBytes, ByteReader, ByteWriter } from './bytes.js';
import { ProtocolError } from './errors.js';
import { decodeInfo } from './info.js';
import { LOGGED_REASONS, type EvaluationLeaf, type LoggedReason, type LogLeaf, type ResultLeaf } from './log-leaf.js';
import { decodeRoundRecord } from './round-record.js';

const PREFIX = asciiBytes('starling-leaf-v1');
const KINDS = [
  'key',
  'manifest',
  'derived_keys',
  'round',
  'result',
  'abandonment',
  'key_retirement',
  'epoch_retirement',
  'restart',
  'evaluation',
] as const satisfies readonly LogLeaf['kind'][];
const NO_ACCOUNTING = new Uint8Array(8).fill(0xff);

/** "starling-leaf-v1" ‖ u8(kind, from 1) ‖ its fields */
export function encodeLogLeaf(leaf: LogLeaf): Uint8Array {
  const writer = new ByteWriter().raw(PREFIX).uint(KINDS.indexOf(leaf.kind) + 1, 1);
  switch (leaf.kind) {
    case 'key':
      return writer.text(leaf.useCase).text(leaf.suite).fixed(leaf.keyDigest, 32).uint(leaf.firstEpoch, 4).done();
    case 'manifest':
      return writer.text(leaf.useCase).uint(leaf.version, 4).fixed(leaf.digest, 32).fixed(leaf.signature, 64).done();
    case 'derived_keys':
      return writer.text(leaf.useCase).uint(leaf.epoch, 4).fixed(leaf.digest, 32).done();
    case 'round':
      decodeInfo(decodeRoundRecord(leaf.record).info);
      return writer.lp(leaf.record).done();
    case 'result':
      return writeResult(writer, leaf).done();
    case 'abandonment':
      return writer
        .fixed(leaf.recordDigest, 32)
        .uint(LOGGED_REASONS.indexOf(leaf.reason) + 1, 1)
        .done();
    case 'key_retirement':
      return writer.text(leaf.useCase).fixed(leaf.keyDigest, 32).uint(leaf.lastEpoch, 4).done();
    case 'epoch_retirement':
      return writer.text(leaf.useCase).uint(leaf.through, 4).done();
    case 'restart':
      return writer.text(leaf.useCase).fixed(leaf.roundId, 16).fixed(leaf.modelDigest, 32).done();
    case 'evaluation':
      return writeEvaluation(writer, leaf).done();
  }
}

/** @throws ProtocolError `malformed_message` unless `bytes` is exactly one canonical leaf */
export function decodeLogLeaf(bytes: Uint8Array): LogLeaf {
  const reader = new ByteReader(bytes).expect(PREFIX, 'leaf of the log');
  const leaf = readFields(KINDS[reader.uint(1) - 1], reader);
  reader.end();
  return leaf;
}

function readFields(kind: LogLeaf['kind'] | undefined, reader: ByteReader): LogLeaf {
  switch (kind) {
    case 'key':
      return {
        kind,
        useCase: reader.text(),
        suite: reader.text(),
        keyDigest: reader.fixed(32),
        firstEpoch: reader.uint(4),
      };
    case 'manifest':
      return {
        kind,
        useCase: reader.text(),
        version: reader.uint(4),
        digest: reader.fixed(32),
        signature: reader.fixed(64),
      };
    case 'derived_keys':
      return { kind, useCase: reader.text(), epoch: reader.uint(4), digest: reader.fixed(32) };
    case 'round':
      return { kind, record: readRecord(reader) };
    case 'result':
      return { kind, ...readResult(reader) };
    case 'abandonment':
      return { kind, recordDigest: reader.fixed(32), reason: reasonAt(reader.uint(1)) };
    case 'key_retirement':
      return { kind, useCase: reader.text(), keyDigest: reader.fixed(32), lastEpoch: reader.uint(4) };
    case 'epoch_retirement':
      return { kind, useCase: reader.text(), through: reader.uint(4) };
    case 'restart':
      return { kind, useCase: reader.text(), roundId: reader.fixed(16), modelDigest: reader.fixed(32) };
    case 'evaluation':
      return { kind, ...readEvaluation(reader) };
    case undefined:
      throw new ProtocolError('malformed_message', 'a leaf of no known kind');
  }
}

function writeResult(writer: ByteWriter, leaf: ResultLeaf): ByteWriter {
  writer
    .fixed(leaf.recordDigest, 32)
    .fixed(leaf.acceptedRoot, 32)
    .uint(leaf.accepted, 4)
    .fixed(leaf.aggregateDigest, 32)
    .fixed(leaf.modelOut, 32);
  return writeEpsilon(writer, leaf);
}

function writeEvaluation(writer: ByteWriter, leaf: EvaluationLeaf): ByteWriter {
  writer
    .fixed(leaf.recordDigest, 32)
    .fixed(leaf.acceptedRoot, 32)
    .uint(leaf.accepted, 4)
    .uint(leaf.lossSum, 8)
    .uint(leaf.accuracySum, 8);
  return writeEpsilon(writer, leaf);
}

const writeEpsilon = (writer: ByteWriter, { epsilonMicros }: Pick<ResultLeaf, 'epsilonMicros'>): ByteWriter =>
  epsilonMicros === null ? writer.raw(NO_ACCOUNTING) : writer.uint(epsilonMicros, 8);

function readResult(reader: ByteReader): Omit<ResultLeaf, 'kind'> {
  return {
    recordDigest: reader.fixed(32),
    acceptedRoot: reader.fixed(32),
    accepted: reader.uint(4),
    aggregateDigest: reader.fixed(32),
    modelOut: reader.fixed(32),
    epsilonMicros: readEpsilon(reader.fixed(8)),
  };
}

function readEvaluation(reader: ByteReader): Omit<EvaluationLeaf, 'kind'> {
  return {
    recordDigest: reader.fixed(32),
    acceptedRoot: reader.fixed(32),
    accepted: reader.uint(4),
    lossSum: reader.uint(8),
    accuracySum: reader.uint(8),
    epsilonMicros: readEpsilon(reader.fixed(8)),
  };
}

const readEpsilon = (bytes: Uint8Array): number | null =>
  bytes.every((byte) => byte === 0xff) ? null : new ByteReader(bytes).uint(8);

function readRecord(reader: ByteReader): Uint8Array {
  const record = reader.lp();
  decodeInfo(decodeRoundRecord(record).info);
  return record;
}

function reasonAt(code: number): LoggedReason {
  const reason = LOGGED_REASONS[code - 1];
  if (reason === undefined) throw new ProtocolError('malformed_message', `no reason has the number ${code}`);
  return reason;
}
