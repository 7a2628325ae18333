import { bytesToHex } from '@noble/curves/utils.js';

import { encodeInfo, encodeRoundRecord, strategyText, type LogLeaf, type Manifest, type RoundRecord } from '#protocol';

import type { Random } from '../../apps/fleet/src/data/random.js';
import { advance, EMPTY_HISTORY, type UseCaseHistory } from '../../libs/client/src/log/use-case-history.js';
import { MANIFEST, RECORD } from '../../libs/protocol/src/wire-samples.js';
import { sha256 } from '../fixtures/device.js';
import { chance, pickOne } from '../fuzz/mutate.js';

/* Leaves, records and manifests of every kind, and logs made of them, for two clients to read. */

export const LEAVES: readonly LogLeaf[] = [
  { kind: 'abandonment', recordDigest: new Uint8Array(32), reason: 'missed' },
  {
    kind: 'result',
    recordDigest: new Uint8Array(32),
    acceptedRoot: new Uint8Array(32),
    accepted: 3,
    aggregateDigest: new Uint8Array(32),
    modelOut: new Uint8Array(32),
    epsilonMicros: 5,
  },
  { kind: 'restart', useCase: 'digits', roundId: new Uint8Array(16), modelDigest: new Uint8Array(32) },
  { kind: 'round', record: encodeRoundRecord(RECORD) },
  {
    kind: 'evaluation',
    recordDigest: new Uint8Array(32),
    acceptedRoot: new Uint8Array(32),
    accepted: 3,
    lossSum: 1200,
    accuracySum: 2900,
    epsilonMicros: null,
  },
];

const MEASURES = { evaluation: { lossBound: 2.5 } };
/** All that a record may end with. */
export const RECORDS: readonly RoundRecord[] = [
  RECORD,
  { ...RECORD, ...MEASURES },
  { ...RECORD, clipMicros: 500_000, ...MEASURES },
  { ...RECORD, clipMicros: 500_000 },
];
export const CLIPPING = { targetUnclipped: 0.5, learningRate: 0.2, countNoise: 1, minClip: 0.1, maxClip: 1 };
export const privately = (terms: object): string => strategyText({ name: 'FedAvg' }, { noiseMultiplier: 1, ...terms });
export const MANIFESTS: readonly Manifest[] = [
  MANIFEST,
  { ...MANIFEST, strategy: privately({ clipping: CLIPPING }), weightLevels: [1, 1] },
  { ...MANIFEST, strategy: privately({ separation: 2 }), reuse: 1 },
];

/** A log that means well most of the time. */
export function randomLeaves(random: Random): LogLeaf[] {
  const digests = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
  const leaves: LogLeaf[] = [];
  const records: Uint8Array[] = [];
  for (let version = 1; leaves.length < 14;) {
    const useCase = chance(random, 0.9) ? 'digits' : 'birds';
    const [digest, modelDigest] = [pickOne(random, digests), pickOne(random, digests)];
    const roundId = new Uint8Array(16).fill(random.below(3));
    const info = encodeInfo({ useCase, suite: 's', epoch: 4 + random.below(3), slot: random.below(3) });
    const rest = { useNo: 0, roundId, modelDigest, manifestDigest: digests[0]!, min: 2, issued: 5 };
    const record = encodeRoundRecord({ ...RECORD, ...rest, info, ...(chance(random, 0.3) ? MEASURES : {}) });
    const recordDigest = sha256(pickOne(random, [record, ...records.slice(-1)]));
    const leaf = pickOne<LogLeaf>(random, [
      { kind: 'key', useCase, suite: 's', keyDigest: digest, firstEpoch: random.below(4) },
      {
        kind: 'manifest',
        useCase,
        version: chance(random, 0.8) ? version++ : 1,
        digest: digests[0]!,
        signature: new Uint8Array(64),
      },
      { kind: 'round', record },
      { kind: 'round', record },
      {
        ...(LEAVES[1] as Extract<LogLeaf, { kind: 'result' }>),
        recordDigest,
        accepted: 1 + random.below(6),
        modelOut: digest,
      },
      {
        ...(LEAVES[4] as Extract<LogLeaf, { kind: 'evaluation' }>),
        recordDigest,
        accepted: 1 + random.below(6),
      },
      { kind: 'abandonment', recordDigest, reason: 'aborted' },
      { kind: 'epoch_retirement', useCase, through: random.below(5) },
      { kind: 'restart', useCase, roundId, modelDigest },
      { kind: 'key_retirement', useCase, keyDigest: digest, lastEpoch: 4 },
    ]);
    if (leaf.kind === 'round') records.push(record);
    leaves.push(leaf);
  }
  return leaves;
}

export function historyOf(leaves: readonly LogLeaf[]): unknown {
  let history: UseCaseHistory = EMPTY_HISTORY;
  leaves.forEach((leaf, position) => (history = advance(history, leaf, { useCase: 'digits', position, sha256 })));
  const latest = Math.max(0, ...history.rounds.map(({ epoch }) => epoch));
  const kept = history.rounds.filter(({ epoch, end }) => epoch >= latest - 1 || end === undefined);
  const hex = (bytes: Uint8Array | undefined): string | null => (bytes === undefined ? null : bytesToHex(bytes));
  return [
    history.faults.map(({ position, what }) => `leaf ${position} is ${what}`),
    hex(history.model),
    history.retiredThrough ?? -1,
    history.keys.length,
    kept.map((one) => [
      ...[hex(one.recordDigest), one.epoch, one.slot, one.useNo],
      ...[hex(one.modelDigest), hex(one.expectedModel), one.end ?? null],
    ]),
  ];
}
