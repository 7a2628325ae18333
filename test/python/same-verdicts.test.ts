import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ed25519, ristretto255 } from '@noble/curves/ed25519.js';
import { bytesToHex } from '@noble/curves/utils.js';

import { brokenRule } from '#client';
import { changeToGrid, encodeInt32LE, LearningError } from '#learning';
import {
  decodeEntries,
  decodeHeader,
  decodeInfo,
  decodeLogLeaf,
  decodeManifest,
  decodeRoundRecord,
  encodeHeader,
  encodeInfo,
  encodeLogLeaf,
  encodeManifest,
  encodeRoundRecord,
  payloadLength,
  ProtocolError,
  type LogLeaf,
  type Manifest,
} from '#protocol';

import { Random } from '../../apps/fleet/src/data/random.js';
import { advance, EMPTY_HISTORY, type UseCaseHistory } from '../../libs/client/src/log/use-case-history.js';
import { comingSlots, wholeEpoch } from '../../libs/client/src/prefetch-plan.js';
import { planFetches } from '../../libs/client/src/prefetch-schedule.js';
import { HEADER, INFO, MANIFEST, RECORD } from '../../libs/protocol/src/wire-samples.js';
import { sha256 } from '../fixtures/device.js';
import { bytesOf, chance, mutateBytes, pickOne } from '../fuzz/mutate.js';
import { hasPython, runPython } from './python.js';

/*
 * Two clients, one in TypeScript and one in Python, are asked the same questions: seeded, and most of them wrong in
 * some way. They must say the same.
 */

const random = new Random('same verdicts');
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const refused = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProtocolError) return 'refused';
    if (error instanceof LearningError) return 'bad_training';
    throw error;
  }
};

interface Question {
  readonly name: string;
  readonly cases: readonly { readonly ask: unknown; readonly answer: unknown }[];
}

const LEAVES: readonly LogLeaf[] = [
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
];

const CODECS: Readonly<
  Record<string, { readonly sample: () => Uint8Array; readonly again: (b: Uint8Array) => unknown }>
> = {
  info: { sample: () => encodeInfo(INFO), again: (b) => bytesToHex(encodeInfo(decodeInfo(b))) },
  record: {
    sample: () => encodeRoundRecord(RECORD),
    again: (b) => bytesToHex(encodeRoundRecord(decodeRoundRecord(b))),
  },
  header: { sample: () => encodeHeader(HEADER), again: (b) => bytesToHex(encodeHeader(decodeHeader(b))) },
  manifest: { sample: () => encodeManifest(MANIFEST), again: (b) => bytesToHex(encodeManifest(decodeManifest(b))) },
  leaf: { sample: () => encodeLogLeaf(pickOne(random, LEAVES)), again: (b) => decodeLogLeaf(b).kind },
  tile: {
    sample: () => Uint8Array.of(0, 1, 7, 0, 0, 0, 2, 8, 9),
    again: (b) => decodeEntries(b).map((l) => bytesToHex(l)),
  },
};

const messages = (): Question => ({
  name: 'message',
  cases: Object.entries(CODECS).flatMap(([kind, { sample, again }]) =>
    times(400, (i) => {
      const bytes = i === 0 ? sample() : mutateBytes(random, sample());
      return { ask: { kind, hex: bytesToHex(bytes) }, answer: refused(() => again(bytes)) };
    }),
  ),
});

const elements = (): Question => ({
  name: 'element',
  cases: times(300, (i) => {
    const good = ristretto255.Point.BASE.multiply(BigInt(1 + random.below(2 ** 30))).toBytes();
    const bytes = i % 3 === 0 ? good : i % 3 === 1 ? bytesOf(random, 32) : mutateBytes(random, good);
    if (i % 3 === 1) bytes[31]! &= 0x7f;
    return { ask: bytesToHex(bytes), answer: elementOf(bytes) };
  }),
});

function elementOf(bytes: Uint8Array): string {
  try {
    return ristretto255.Point.fromBytes(Uint8Array.from(bytes)).toHex();
  } catch {
    return 'refused';
  }
}

const signatures = (): Question => ({
  name: 'signature',
  cases: times(60, (i) => {
    const secret = bytesOf(random, 32);
    const message = bytesOf(random, random.below(200));
    const parts = { signature: ed25519.sign(message, secret), message, key: ed25519.getPublicKey(secret) };
    const name = pickOne(random, ['signature', 'message', 'key'] as const);
    const wrong = i % 2 === 0 ? parts : { ...parts, [name]: mutateBytes(random, parts[name]) };
    const hex = Object.entries(wrong).map(([field, bytes]) => [field, bytesToHex(bytes)]);
    return { ask: Object.fromEntries(hex) as object, answer: isSigned(wrong) };
  }),
});

function isSigned({ signature, message, key }: Record<'signature' | 'message' | 'key', Uint8Array>): boolean {
  try {
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

/** Whole and half steps of the grid among them, and numbers of every size. */
const payloads = (): Question => ({
  name: 'payload',
  cases: times(200, (i) => {
    const length = 1 + random.below(40);
    const [scale, clipMicros] = [1 + random.below(70_000), 1 + random.below(900_000_000)];
    const number = (): number =>
      Math.fround(chance(random, 0.5) ? (random.below(41) - 20) / 2 / scale : (random.uniform() - 0.5) * 10 ** (i % 9));
    const before = Float32Array.from({ length }, () => (i % 2 === 0 ? 0 : number()));
    const after = Float32Array.from({ length }, number);
    const grid = { scale, clip: Math.min(clipMicros / 1e6, 2 ** 26 / scale) };
    const asked = Math.floor(grid.clip * 1e6);
    const write = () => bytesToHex(encodeInt32LE(changeToGrid(after, before, { scale, clip: asked / 1e6 })));
    return { ask: { scale, clipMicros: asked, before: [...before], after: [...after] }, answer: refused(write) };
  }),
});

const batches = (): Question => ({
  name: 'batch',
  cases: times(500, (i) => {
    const slots = 1 + random.below(10);
    const rules = { slots, batch: 1 + random.below(slots), quota: 1 + random.below(slots) };
    const window = { epoch: 5, nextSlot: random.below(slots + 1) };
    const places = [5, 6].flatMap((epoch) => times(slots, (slot) => ({ epoch, slot })));
    const covered = places.filter(() => chance(random, 0.4));
    const which = i % 2 === 0 ? { wanted: 1 + random.below(2 * slots) } : { epoch: 5 + random.below(2) };
    const planner = which.wanted === undefined ? wholeEpoch(rules, which.epoch) : comingSlots(rules, which.wanted);
    const planned = planner(window, covered);
    return {
      ask: { rules, window: [5, window.nextSlot], ...which, covered: covered.map(({ epoch, slot }) => [epoch, slot]) },
      answer: planned === undefined ? null : [planned.epoch, planned.slots],
    };
  }),
});

const schedules = (): Question => ({
  name: 'schedule',
  cases: times(300, () => {
    const schedule = { epochOrigin: 1_000_000, epochSeconds: 3600 };
    const now = 1_000_000 + 5 * 3_600_000 + random.below(3_600_000);
    const at = (): number => now + random.below(200_000) - 100_000;
    const known = [5, 6]
      .filter(() => chance(random, 0.5))
      .map((epoch) => ({ epoch, at: at(), done: chance(random, 0.4) }));
    const bytes = times(2, () => bytesOf(random, 6));
    const draws = bytes.map((six) => six.readUIntBE(0, 6) / 2 ** 48);
    const left = [...bytes];
    const plan = planFetches(schedule, known, now, () => left.shift()!);
    return { ask: { ...schedule, now, known, draws }, answer: plan.map(({ epoch, at, done }) => [epoch, at, done]) };
  }),
});

const CHANGES: readonly Partial<Manifest>[] = [
  ...[{ version: 3 }, { version: 1 }, { kMin: 41 }, { kMin: 39 }, { jitterMs: 1001 }, { jitterMs: 1 }, { slots: 65 }],
  ...[{ scale: 1 }, { clipMicros: 1 }, { strategy: '{"name":"FedProx"}' }, { weightLevels: [1, 9] }, { reuse: 1 }],
  ...[{ logKey: new Uint8Array(32) }, { layout: MANIFEST.layout.slice(1) }, { initialModel: new Uint8Array(32) }],
  ...[{ encoding: 4, topK: 3, scale: 3000 }, { keys: MANIFEST.keys.slice(1) }, { keys: MANIFEST.keys.slice(0, 1) }],
  { keys: [...MANIFEST.keys, { publicKey: new Uint8Array(32).fill(9), firstEpoch: 300 }] },
  { keys: [...MANIFEST.keys, { publicKey: new Uint8Array(32).fill(9), firstEpoch: 259 }] },
];

const successions = (): Question => ({
  name: 'succession',
  cases: times(200, () => {
    const change = Object.assign({}, ...times(random.below(3), () => pickOne(random, CHANGES))) as Partial<Manifest>;
    const later = { ...MANIFEST, version: 2, ...change };
    const seen = { fetched: 250 + random.below(60), current: 250 + random.below(60) };
    const [before, after] = [MANIFEST, later].map((manifest) => bytesToHex(encodeManifest(manifest)));
    const answer = brokenRule(MANIFEST, later, seen) === undefined && payloadLength(later);
    return { ask: { earlier: before, later: after, ...seen }, answer };
  }),
});

/** A log that means well most of the time. */
function randomLeaves(): LogLeaf[] {
  const digests = times(3, (i) => new Uint8Array(32).fill(i + 1));
  const leaves: LogLeaf[] = [];
  const records: Uint8Array[] = [];
  for (let version = 1; leaves.length < 14;) {
    const useCase = chance(random, 0.9) ? 'digits' : 'birds';
    const [digest, modelDigest] = [pickOne(random, digests), pickOne(random, digests)];
    const roundId = new Uint8Array(16).fill(random.below(3));
    const info = encodeInfo({ useCase, suite: 's', epoch: 4 + random.below(3), slot: random.below(3) });
    const rest = { useNo: 0, roundId, modelDigest, manifestDigest: digests[0]!, min: 2, issued: 5 };
    const record = encodeRoundRecord({ ...RECORD, ...rest, info });
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

function historyOf(leaves: readonly LogLeaf[]): unknown {
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

const histories = (): Question => ({
  name: 'history',
  cases: times(300, () => {
    const leaves = randomLeaves();
    const hex = leaves.map((leaf) => bytesToHex(encodeLogLeaf(leaf)));
    return { ask: { leaves: hex, useCase: 'digits' }, answer: historyOf(leaves) };
  }),
});

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'starling-verdicts-'))));
afterAll(() => rm(folder, { recursive: true }));

describe('the clients in TypeScript and in Python', () => {
  // Kills: a check, a rounding or a rule of the log that one of the two has and the other has not.
  it('[PYC14] say the same of messages, elements, signatures, updates, batches, manifests and logs, right or wrong', async () => {
    if (!hasPython()) return;
    const questions = [
      messages(),
      elements(),
      signatures(),
      payloads(),
      batches(),
      schedules(),
      successions(),
      histories(),
    ];
    const asked = questions.map(({ name, cases }) => [name, cases.map(({ ask }) => ask)]);
    const file = join(folder, 'cases.json');
    await writeFile(file, JSON.stringify(Object.fromEntries(asked)));
    const { out, err } = await runPython(['-m', 'tests.verdicts', file]);
    expect(err).toBe('');
    const answers = JSON.parse(out) as Record<string, unknown[]>;
    for (const { name, cases } of questions) {
      const other = cases.flatMap(({ ask, answer }, i) =>
        JSON.stringify(answer) === JSON.stringify(answers[name]![i])
          ? []
          : [{ name, ask, answer, python: answers[name]![i] }],
      );
      expect(other.slice(0, 3)).toEqual([]);
      // questions of which all had one answer would show nothing
      expect(new Set(cases.map(({ answer }) => JSON.stringify(answer))).size).toBeGreaterThan(1);
    }
  });
});
