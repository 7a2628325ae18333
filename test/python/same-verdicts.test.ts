import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ed25519, ristretto255 } from '@noble/curves/ed25519.js';
import { bytesToHex } from '@noble/curves/utils.js';

import { brokenRule } from '#client';
import { changeToGrid, encodeInt32LE, LearningError, normOfChange } from '#learning';
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
  hasPromisedClip,
  laneMessage,
  laneOf,
  payloadLength,
  ProtocolError,
  separationOf,
  type Manifest,
} from '#protocol';

import { Random } from '../../apps/fleet/src/data/random.js';
import { comingSlots, wholeEpoch } from '../../libs/client/src/prefetch-plan.js';
import { planFetches } from '../../libs/client/src/prefetch-schedule.js';
import { HEADER, INFO, MANIFEST, RECORD } from '../../libs/protocol/src/wire-samples.js';
import { sha256 } from '../fixtures/device.js';
import { bytesOf, chance, mutateBytes, pickOne } from '../fuzz/mutate.js';
import { hasPython, runPython } from './python.js';
import { CLIPPING, historyOf, LEAVES, MANIFESTS, privately, randomLeaves, RECORDS } from './verdict-samples.js';

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

const CODECS: Readonly<
  Record<string, { readonly sample: () => Uint8Array; readonly again: (b: Uint8Array) => unknown }>
> = {
  info: { sample: () => encodeInfo(INFO), again: (b) => bytesToHex(encodeInfo(decodeInfo(b))) },
  record: {
    sample: () => encodeRoundRecord(pickOne(random, RECORDS)),
    again: (b) => bytesToHex(encodeRoundRecord(decodeRoundRecord(b))),
  },
  header: { sample: () => encodeHeader(HEADER), again: (b) => bytesToHex(encodeHeader(decodeHeader(b))) },
  manifest: {
    sample: () => encodeManifest(pickOne(random, MANIFESTS)),
    again: (b) => bytesToHex(encodeManifest(decodeManifest(b))),
  },
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
    const clip = asked / 1e6;
    const write = () => [
      bytesToHex(encodeInt32LE(changeToGrid(after, before, { scale, clip }))),
      normOfChange(after, before) <= clip,
    ];
    return { ask: { scale, clipMicros: asked, before: [...before], after: [...after] }, answer: refused(write) };
  }),
});

const batches = (): Question => ({
  name: 'batch',
  cases: times(500, (i) => {
    const slots = 1 + random.below(10);
    const separation = 1 + random.below(3);
    const lane = { separation, first: random.below(separation) };
    const rules = { slots, batch: 1 + random.below(slots), quota: 1 + random.below(slots) };
    const window = { epoch: 5, nextSlot: random.below(slots + 1) };
    const places = [5, 6].flatMap((epoch) => times(slots, (slot) => ({ epoch, slot })));
    const covered = places.filter(() => chance(random, 0.4));
    const which = i % 2 === 0 ? { wanted: 1 + random.below(2 * slots) } : { epoch: 5 + random.below(2) };
    const all = { ...rules, lane };
    const planner = which.wanted === undefined ? wholeEpoch(all, which.epoch) : comingSlots(all, which.wanted);
    const planned = planner(window, covered);
    return {
      ask: {
        ...{ rules, lane: [separation, lane.first], window: [5, window.nextSlot], ...which },
        covered: covered.map(({ epoch, slot }) => [epoch, slot]),
      },
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

/** Strategies as JSON has them, many of them with numbers that nobody may promise. */
const oddNumber = (): unknown => pickOne(random, [0, 1, 2, 0.5, 1e-7, -1, 1.5, 1e16, 7, true, null, '1', [1]]);

const lanes = (): Question => ({
  name: 'lane',
  cases: times(100, () => {
    const strategy = pickOne(random, [
      privately({ separation: oddNumber() }),
      '{"privacy":3}',
      '[NaN]',
      'no JSON',
      '1',
    ]);
    const device = bytesToHex(bytesOf(random, 8));
    const separation = separationOf({ strategy });
    const first = separation && laneOf(sha256(laneMessage('digits', device)), separation).first;
    return { ask: { strategy, device, useCase: 'digits' }, answer: [separation, first] };
  }),
});

const clips = (): Question => ({
  name: 'clip',
  cases: times(300, (i) => {
    const odd = i % 2 === 0 ? {} : { [pickOne(random, [...Object.keys(CLIPPING), 'more'])]: oddNumber() };
    const strategy = privately(i % 7 === 0 ? {} : { clipping: { ...CLIPPING, ...odd } });
    const clipMicros = pickOne(random, [undefined, 99_999, 100_000, 500_000, 1_000_000, 1_000_001]);
    const record = { ...RECORD, clipMicros };
    const promised = () => hasPromisedClip(record, { strategy, clipMicros: 1 });
    return { ask: { strategy, record: bytesToHex(encodeRoundRecord(record)) }, answer: refused(promised) };
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

const histories = (): Question => ({
  name: 'history',
  cases: times(300, () => {
    const leaves = randomLeaves(random);
    const hex = leaves.map((leaf) => bytesToHex(encodeLogLeaf(leaf)));
    return { ask: { leaves: hex, useCase: 'digits' }, answer: historyOf(leaves) };
  }),
});

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'starling-verdicts-'))));
afterAll(() => rm(folder, { recursive: true }));

describe('the clients in TypeScript and in Python', () => {
  // Kills: a check, a rounding or a rule of the log that one of the two has and the other has not.
  it('[PYC14] say the same of messages, elements, signatures, updates, clips, batches, lanes, manifests and logs, right or wrong', async () => {
    if (!hasPython()) return;
    const questions = [
      messages(),
      elements(),
      signatures(),
      payloads(),
      batches(),
      schedules(),
      lanes(),
      clips(),
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
