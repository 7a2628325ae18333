import { asciiBytes, ByteReader, ByteWriter } from './bytes.js';
import { ProtocolError } from './errors.js';
import { decodeInfo } from './info.js';
import { decodeRoundRecord } from './round-record.js';

/**
 * Why a round that was announced came to nothing. `missed`: it could not open before its epoch ended. A plan that is
 * done ends rounds before they are announced.
 */
export const LOGGED_REASONS = ['too_few', 'aborted', 'failed', 'missed'] as const;
export type LoggedReason = (typeof LOGGED_REASONS)[number];

/** What the transparency log says: each a fact that must be the same for every device. */
export type LogLeaf =
  | KeyLeaf
  | ManifestLeaf
  | DerivedKeysLeaf
  | RoundLeaf
  | ResultLeaf
  | AbandonmentLeaf
  | KeyRetirementLeaf
  | EpochRetirementLeaf
  | RestartLeaf
  | EvaluationLeaf;

/** A primary key is that of a use case from an epoch on. */
export interface KeyLeaf {
  readonly kind: 'key';
  readonly useCase: string;
  readonly suite: string;
  /** SHA-256 of the public key, 32 bytes */
  readonly keyDigest: Uint8Array;
  readonly firstEpoch: number;
}

/** A manifest; its bytes are served by issuer and coordinator. */
export interface ManifestLeaf {
  readonly kind: 'manifest';
  readonly useCase: string;
  readonly version: number;
  /** SHA-256 of its bytes, 32 bytes */
  readonly digest: Uint8Array;
  /** the deployment key's, 64 bytes */
  readonly signature: Uint8Array;
}

/** For suites whose derived keys prove nothing: all of an epoch's. */
export interface DerivedKeysLeaf {
  readonly kind: 'derived_keys';
  readonly useCase: string;
  readonly epoch: number;
  /** SHA-256 of `derivedKeyList`, 32 bytes */
  readonly digest: Uint8Array;
}

/** R itself, before its round opens. */
export interface RoundLeaf {
  readonly kind: 'round';
  readonly record: Uint8Array;
}

export interface ResultLeaf {
  readonly kind: 'result';
  /** SHA-256(R), 32 bytes */
  readonly recordDigest: Uint8Array;
  /** Merkle root of the accepted list: SHA-256(H) of each update, sorted by value */
  readonly acceptedRoot: Uint8Array;
  readonly accepted: number;
  /** SHA-256 of the aggregate as it was released, never of an exact sum under noise */
  readonly aggregateDigest: Uint8Array;
  /** SHA-256 of the model file it led to */
  readonly modelOut: Uint8Array;
  /** ε spent after this round, in millionths; null without accounting */
  readonly epsilonMicros: number | null;
}

/** What devices found of a model: the end of a round that measured it. */
export interface EvaluationLeaf {
  readonly kind: 'evaluation';
  /** SHA-256(R), 32 bytes */
  readonly recordDigest: Uint8Array;
  /** Merkle root of the accepted list, as of a result */
  readonly acceptedRoot: Uint8Array;
  readonly accepted: number;
  /** sums of the devices' thousandths, as they were released: over `accepted` they are the means */
  readonly lossSum: number;
  readonly accuracySum: number;
  /** as of a result */
  readonly epsilonMicros: number | null;
}

export interface AbandonmentLeaf {
  readonly kind: 'abandonment';
  readonly recordDigest: Uint8Array;
  readonly reason: LoggedReason;
}

/** A key that is good for no epoch after `lastEpoch`. */
export interface KeyRetirementLeaf {
  readonly kind: 'key_retirement';
  readonly useCase: string;
  readonly keyDigest: Uint8Array;
  readonly lastEpoch: number;
}

/** Tokens of all epochs up to and with `through` are void: after a restore, or in an emergency. */
export interface EpochRetirementLeaf {
  readonly kind: 'epoch_retirement';
  readonly useCase: string;
  readonly through: number;
}

/** One round begins with an earlier model than the last result: everybody sees which, before its record. */
export interface RestartLeaf {
  readonly kind: 'restart';
  readonly useCase: string;
  /** 16 bytes */
  readonly roundId: Uint8Array;
  /** SHA-256 of the model file */
  readonly modelDigest: Uint8Array;
}

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
/** A leaf fits into the u16 length that a tile gives it. */
export const MAX_LEAF_BYTES = 0xffff;

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

/**
 * What a leaf is the only one about: a log that has two of one subject contradicts itself. Text, of
 * printable ASCII.
 */
export function subjectOf(leaf: LogLeaf): string {
  switch (leaf.kind) {
    case 'key':
      return `key ${leaf.useCase} from ${leaf.firstEpoch}`;
    case 'manifest':
      return `manifest ${leaf.useCase} ${leaf.version}`;
    case 'derived_keys':
      return `derived keys ${leaf.useCase} ${leaf.epoch}`;
    case 'round': {
      const { info, useNo } = decodeRoundRecord(leaf.record);
      const { useCase, epoch, slot } = decodeInfo(info);
      return `round ${useCase} ${epoch}/${slot}/${useNo}`;
    }
    case 'result':
    case 'abandonment':
    case 'evaluation':
      return `end ${hexOf(leaf.recordDigest)}`;
    case 'key_retirement':
      return `key retirement ${leaf.useCase} ${hexOf(leaf.keyDigest)}`;
    case 'epoch_retirement':
      return `epoch retirement ${leaf.useCase} ${leaf.through}`;
    case 'restart':
      return `restart ${leaf.useCase} ${hexOf(leaf.roundId)}`;
  }
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
