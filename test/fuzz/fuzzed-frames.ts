import { setTimeout as sleep } from 'node:timers/promises';

import { deriveTokenKeys } from '#credential';

import { Random } from '../../apps/fleet/src/data/random.js';
import { enrolCohort, inParallel, type Member } from '../fixtures/cohort.js';
import { hashes, hmacSha256, random as randomBytes } from '../fixtures/device.js';
import { gaugesOf, type Gauges } from '../fixtures/gauges.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import {
  awaitOpenRound,
  open,
  payloadOf,
  prepare,
  receiptOf,
  submit,
  told,
  type OpenRound,
} from '../fixtures/submission.js';
import type { Suite, SuitePlan, SuiteResult } from '../soak/suite.js';

import { httpRequest, type Sample } from './http-request.js';
import { samplesOf } from './samples.js';
import { socketSession, type SocketMaterial } from './socket-session.js';
import { say, talk } from './talk.js';

/** Connections of one batch: half speak WebSocket, half HTTP. After each, everything is looked at and an honest device submits. */
const BATCH = 200;
const AT_ONCE = 32;
const MALLORIES = 12;
const PROCESSES = ['issuer 0', 'coordinator', 'intake 0'] as const;
const PAYLOAD = payloadOf(Array.from({ length: 64 }, (_, i) => i));

/** k thousand frames and requests that are wrong, a batch at a time. */
export const fuzzedFrames: Suite = { name: 'fuzzed frames', soakK: 100, run: (plan) => runFuzzedFrames(plan) };

interface Stage {
  readonly starling: TestStarling;
  readonly round: OpenRound;
  readonly members: Member[];
  readonly mallories: readonly Member[];
  readonly samples: readonly Sample[];
  readonly seed: number;
}

interface Notes {
  frames: number;
  honest: number;
  receipts: number;
  readonly wrong: string[];
  readonly gauges: Gauges[];
  readonly times: number[];
}

export async function runFuzzedFrames({ seed, k }: SuitePlan): Promise<SuiteResult> {
  const starling = await startStarling({ without: ['worker'] });
  try {
    const stage = await setUp(starling, seed, 1000 * k);
    const notes: Notes = { frames: 0, honest: 0, receipts: 0, wrong: [], gauges: [], times: [] };
    const before = await gaugesOf(starling.intake);
    for (let batch = 0; notes.frames < 1000 * k && notes.wrong.length === 0; batch++)
      await runBatch(stage, batch, notes);
    return await resultOf(stage, notes, before);
  } finally {
    await starling.stop();
  }
}

async function setUp(starling: TestStarling, seed: number, frames: number): Promise<Stage> {
  const { researcher } = starling;
  const epochSeconds = 86_400;
  const [manifest, victim] = [await researcher.createUseCase({ epochSeconds }), await researcher.createUseCase()];
  // A batch of 200 connections has some 500 frames; a few more devices than that, for the end.
  const cohort = await enrolCohort(starling, manifest, MALLORIES + 10 + Math.ceil(frames / 300));
  await researcher.startRounds(manifest.useCase, { deadlineSeconds: 20_000 });
  const round = await awaitOpenRound(starling.coordinator, manifest.useCase);
  const samples = samplesOf(manifest, victim.useCase, researcher.apiKey);
  const [mallories, members] = [cohort.slice(0, MALLORIES), cohort.slice(MALLORIES)];
  return { starling, round, mallories, members, samples, seed };
}

async function runBatch(stage: Stage, batch: number, notes: Notes): Promise<void> {
  const { starling, round, members } = stage;
  const material = await materialOf(stage, batch);
  const numbers = Array.from({ length: BATCH }, (_, i) => batch * BATCH + i);
  const honest = submitTimed(starling, prepare(round, members.pop()!.tokens[0]!, PAYLOAD), notes);
  await inParallel(numbers, AT_ONCE, (i) => connectOnce(stage, i, material, notes));
  await honest;
  for (const name of PROCESSES) {
    const log = starling.log(name);
    if (starling.restarts(name) > 0 || log !== '')
      notes.wrong.push(`batch ${batch} (connections ${numbers[0]}-${numbers.at(-1)}), ${name}: ${log || 'restarted'}`);
  }
  notes.gauges.push(await gaugesOf(starling.intake));
}

async function submitTimed(starling: TestStarling, submission: ReturnType<typeof prepare>, notes: Notes) {
  notes.honest++;
  const since = performance.now();
  const outcome = told(await submit(starling.intake, submission));
  if (outcome === receiptOf(submission)) notes.receipts++;
  else notes.wrong.push(`an honest device was told ${outcome}`);
  notes.times.push(performance.now() - since);
}

/** One connection. What shows on it at once is said with its number: seed and number make it again. */
async function connectOnce({ starling, samples, seed }: Stage, i: number, material: SocketMaterial, notes: Notes) {
  if (i % 2 === 0) {
    const { to, path, frames } = socketSession(seed, i, material);
    notes.frames += frames.length;
    const answer = await talk(starling[to], path, frames);
    if (/"receipt":\{/.test(answer)) notes.wrong.push(`connection ${i} got a receipt: ${hexOf(frames)}`);
    if (answer.includes('"code":"internal"')) notes.wrong.push(`connection ${i} broke something: ${hexOf(frames)}`);
  } else {
    const { to, bytes } = httpRequest(seed, i, samples);
    notes.frames++;
    const answer = await say(starling[to], bytes);
    if (/^HTTP\/1\.1 500 /m.test(answer)) notes.wrong.push(`connection ${i} broke ${to}: ${hexOf([bytes])}`);
  }
}

const hexOf = (frames: readonly Buffer[]): string => frames.map((frame) => frame.toString('hex')).join(' ');

/** A genuine header for a body that nobody has, and a live permit for it. */
async function materialOf({ starling, round, mallories, seed }: Stage, batch: number): Promise<SocketMaterial> {
  const token = mallories[new Random(seed, 'mallory', batch).below(mallories.length)]!.tokens[0]!;
  const { macKey } = deriveTokenKeys(hashes, token.prf, token.info);
  const sign = (header: Uint8Array): Uint8Array => hmacSha256(macKey, header);
  const { header, mac } = prepare(round, token, PAYLOAD, { payloadDigest: randomBytes(32) });
  const opened = await open(starling.intake, { header, mac });
  const permit = opened.ok && 'permit' in opened ? Buffer.from(opened.permit).toString('hex') : '00'.repeat(56);
  return { header, mac, sign, permit, chunk: PAYLOAD };
}

/** A fuzzer that is turned away at the door finds nothing. */
const shallow = ({ refused }: Gauges): string[] =>
  ['malformed_message', 'invalid_token', 'stale_model']
    .filter((code) => refused[code] === undefined)
    .map((code) => `nothing was ${code}`);

async function resultOf({ starling, round }: Stage, notes: Notes, before: Gauges): Promise<SuiteResult> {
  const { honest, receipts, gauges, times, frames } = notes;
  const wrong = [...notes.wrong, ...shallow(gauges.at(-1)!)];
  // The round's counts are half a second late.
  await sleep(1500);
  const { accepted } = await starling.researcher.round(round.roundId);
  const lag = Math.max(...gauges.map(({ lagP99Ms }) => lagP99Ms));
  const memory = gauges.map(({ memoryMb }) => memoryMb);
  const drift = memory.at(-1)! - (memory[Math.floor(memory.length / 4)] ?? before.memoryMb);
  const sorted = times.toSorted((a, b) => a - b);
  return {
    n: `${frames} frames`,
    expected: honest,
    accepted: receipts,
    lost: Math.max(0, receipts - accepted),
    doubled: 0,
    alien: Math.max(0, accepted - receipts),
    wrong,
    p99Ms: sorted[Math.floor(0.99 * sorted.length)]!,
    memoryMb: Math.max(...memory),
    note: `event loop p99 ${lag.toFixed(0)} ms, memory drift ${drift.toFixed(0)} MB, ${JSON.stringify(gauges.at(-1)!.refused)}`,
  };
}
