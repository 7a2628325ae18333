import type { SubmissionHeader } from './header.js';
import { encodeInfo, type TokenInfo } from './info.js';
import type { Manifest } from './manifest.js';
import type { Permit } from './permit.js';
import type { RoundRecord } from './round-record.js';

const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

/* One example of each message, for tests of their bytes. */

export const INFO: TokenInfo = { useCase: 'digits', suite: 'poprf-ristretto255-sha512-', epoch: 258, slot: 7 };

export const RECORD: RoundRecord = {
  info: encodeInfo(INFO),
  useNo: 1,
  roundId: filled(16, 1),
  modelDigest: filled(32, 2),
  manifestDigest: filled(32, 3),
  jitterMs: 1000,
  deadlineMs: 604_800,
  min: 40,
  target: 47,
  issued: 50,
};

export const HEADER: SubmissionHeader = {
  audience: 'starling.local',
  info: encodeInfo(INFO),
  token: filled(32, 4),
  useNo: 0,
  recordDigest: filled(32, 5),
  mode: 0,
  encoding: 1,
  weightLevel: 2,
  payloadLength: 100_000,
  payloadDigest: filled(32, 6),
  sealedSeed: new Uint8Array(),
};

export const MANIFEST: Manifest = {
  audience: 'starling.local',
  useCase: 'digits',
  version: 1,
  suite: 'poprf-ristretto255-sha512',
  keys: [
    { publicKey: filled(32, 7), firstEpoch: 0 },
    { publicKey: filled(32, 11), firstEpoch: 258 },
  ],
  logKey: filled(32, 12),
  epochOrigin: 1_700_000_000_000,
  epochSeconds: 3600,
  slots: 64,
  batch: 16,
  quota: 32,
  reuse: 2,
  kMin: 40,
  jitterMs: 1000,
  encoding: 1,
  scale: 65_536,
  clipMicros: 10_000_000,
  strategy: '{"name":"FedAvg"}',
  weightLevels: [1, 8],
  chunkBytes: 262_144,
  uploadDeadlineMs: 60_000,
  initialModel: filled(32, 13),
  topologyDigest: filled(32, 8),
  layout: [
    { name: 'w', shape: [3, 5] },
    { name: 'b', shape: [5] },
  ],
};

export const PERMIT: Permit = { uploadId: filled(16, 9), expiresAt: 1_700_000_000_000, mac: filled(32, 10) };
