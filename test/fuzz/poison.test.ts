import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { enrolCohort, inParallel, type Member } from '../fixtures/cohort.js';
import { random } from '../fixtures/device.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import {
  awaitOpenRound,
  payloadOf,
  prepare,
  receiptOf,
  submit,
  told,
  type OpenRound,
  type Submission,
} from '../fixtures/submission.js';

const HONEST = 8;
/** The grid: scale 1000, clip 10, 64 numbers. No number beyond 10,000, and no more than that in all. */
const [SIZE, MOST] = [64, 10_000];

const numbers = (value: number, count = SIZE): Uint8Array => payloadOf(Array.from({ length: count }, () => value));
const one = (value: number, at: number): Uint8Array =>
  payloadOf(Array.from({ length: SIZE }, (_, i) => (i === at ? value : 0)));
const raw = (write: (view: DataView, at: number) => void): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 * SIZE));
  for (let i = 0; i < SIZE; i++) write(view, 4 * i);
  return new Uint8Array(view.buffer);
};
const floats = (value: number): Uint8Array => raw((view, at) => view.setFloat32(at, value, true));
const doubles = (value: number): Uint8Array => raw((view, at) => at % 8 === 0 && view.setFloat64(at, value, true));
const bigEndian = (value: number): Uint8Array => raw((view, at) => view.setInt32(at, value, false));

const EXTREMES = [2 ** 31 - 1, -(2 ** 31), 2 ** 30, -(2 ** 30), 65_536, MOST + 1, -MOST - 1];

/** What is wrong with it, the body, and what its header says of it. */
type Poison = readonly [wrong: string, payload: Uint8Array, code: string, digest?: Uint8Array];

const POISONS: readonly Poison[] = [
  ...EXTREMES.flatMap((value): Poison[] => [
    [`${value} everywhere`, numbers(value), 'out_of_range'],
    [`${value} once`, one(value, SIZE - 1), 'out_of_range'],
  ]),
  ...[Number.NaN, Infinity, -Infinity, -0, 1, 1e-40, 3.4e38]
    .map((value): Poison => [`float32 ${Object.is(value, -0) ? '-0' : value}`, floats(value), 'out_of_range'])
    .filter(([wrong]) => wrong !== 'float32 1e-40'),
  ...[Number.NaN, Infinity, 1].map((value): Poison => [`float64 ${value}`, doubles(value), 'out_of_range']),
  ...[1, 100].map((value): Poison => [`${value} written the other way round`, bigEndian(value), 'out_of_range']),
  ['the bound everywhere', numbers(MOST), 'norm_exceeded'],
  ['the bound twice', payloadOf([MOST, MOST, ...Array.from({ length: SIZE - 2 }, () => 0)]), 'norm_exceeded'],
  ['the bound and one more', payloadOf([MOST, 1000, ...Array.from({ length: SIZE - 2 }, () => 0)]), 'norm_exceeded'],
  ['twice too long', numbers(2500), 'norm_exceeded'],
  ['signs that turn', payloadOf(Array.from({ length: SIZE }, (_, i) => (i % 2 ? 9000 : -9000))), 'norm_exceeded'],
  ['no numbers', numbers(1, 0), 'wrong_length'],
  ['a number too few', numbers(1, SIZE - 1), 'wrong_length'],
  ['a number too many', numbers(1, SIZE + 1), 'wrong_length'],
  ['a byte too few', numbers(1).subarray(1), 'wrong_length'],
  ['twice the numbers', numbers(1, 2 * SIZE), 'wrong_length'],
  ['another body than its header says', numbers(1), 'digest_mismatch', random(32)],
  ['the digest of nothing', numbers(1), 'digest_mismatch', new Uint8Array(32)],
  ['bytes by chance', raw((view, at) => view.setUint32(at, 0x7f3a_91c4 ^ at, true)), 'out_of_range'],
];

let starling: TestStarling;
beforeAll(async () => {
  starling = await startStarling();
}, 120_000);
afterAll(() => starling.stop());

interface Cohort {
  readonly id: string;
  readonly round: OpenRound;
  readonly members: Member[];
}

async function openWith(devices: number): Promise<Cohort> {
  const manifest = await starling.researcher.createUseCase();
  const members = await enrolCohort(starling, manifest, devices);
  const [id] = await starling.researcher.startRounds(manifest.useCase, { min: HONEST, target: HONEST });
  return { id: id!, round: await awaitOpenRound(starling.coordinator, manifest.useCase), members };
}

const honest = ({ round, members }: Cohort): Submission[] =>
  members.splice(0, HONEST).map(({ tokens }, i) => prepare(round, tokens[0]!, one(100 * i - 350, i)));

/** @returns the digest of the model that came out */
async function modelOf({ id }: Cohort): Promise<string> {
  return (await starling.researcher.awaitRound(id, 'published')).modelOut!;
}

async function expectAccepted(submissions: readonly Submission[]): Promise<void> {
  for (const submission of submissions)
    expect(told(await submit(starling.intake, submission))).toBe(receiptOf(submission));
}

describe('poisoned updates', () => {
  // Kills: a check that stops at the first chunk; NaN that passes a clip; a sum that takes what was refused.
  it('[FUZ3] each is refused by name, and the model is bit for bit that of the honest updates alone', async () => {
    const clean = await openWith(HONEST);
    await expectAccepted(honest(clean));
    const expected = await modelOf(clean);

    const poisoned = await openWith(HONEST + POISONS.length);
    const good = honest(poisoned);
    await expectAccepted(good.splice(0, HONEST / 2));
    const codes = await inParallel(POISONS, 4, async ([wrong, payload, , payloadDigest], i) => {
      const forge = payloadDigest === undefined ? {} : { payloadDigest };
      const submission = prepare(poisoned.round, poisoned.members[i]!.tokens[0]!, payload, forge);
      return [wrong, told(await submit(starling.intake, submission))];
    });
    expect(codes).toEqual(POISONS.map(([wrong, , code]) => [wrong, code]));
    await expectAccepted(good);
    expect(await modelOf(poisoned)).toBe(expected);
    expect(POISONS.length).toBeGreaterThanOrEqual(38);
    expect(starling.log('intake 0') + starling.log('worker')).toBe('');
  }, 180_000);
});
