import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { enrolCohort, inParallel, type Member } from '../fixtures/cohort.js';
import { random } from '../fixtures/device.js';
import { gaugesOf } from '../fixtures/gauges.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { binaryEvent, CONNECT, SUBMIT } from '../fixtures/stranger.js';
import {
  awaitOpenRound,
  open,
  payloadOf,
  permitQuery,
  prepare,
  receiptOf,
  submit,
  told,
  type OpenRound,
} from '../fixtures/submission.js';
import { frameOf } from '../fuzz/websocket-frame.js';
import type { Suite, SuitePlan, SuiteResult } from '../soak/suite.js';

/** Of k = 10: 2,000 silent connections, 200 bodies in drops, 200 who park attachments, 50 honest devices. */
const SILENT = 200;
const DRIPPING = 20;
const HOARDING = 20;
const HONEST = 5;
/** Enrolled devices whose permits are misused: the rest of those who drip are strangers with half a request. */
const ENROLLED = 4;

const GONE_MS = 10_000;
/** What a busy machine adds is not theirs. */
const SLACK_MS = 5000;
const MOST_GROWTH_MB = 300;
const PAYLOAD = payloadOf(Array.from({ length: 64 }, () => 1));

/** Connections that hold a place and come to nothing, 2,400 of them at k = 10, beside honest devices. */
export const hostileConnections: Suite = {
  name: 'hostile connections',
  soakK: 10,
  run: ({ k }: SuitePlan) => runHostileConnections(k),
};

async function runHostileConnections(k: number): Promise<SuiteResult> {
  const starling = await startStarling({ without: ['worker'] });
  try {
    const manifest = await starling.researcher.createUseCase();
    const members = await enrolCohort(starling, manifest, (HONEST + ENROLLED) * k);
    await starling.researcher.startRounds(manifest.useCase);
    const round = await awaitOpenRound(starling.coordinator, manifest.useCase);
    return await besiege(starling, { round, members, k });
  } finally {
    await starling.stop();
  }
}

interface Siege {
  readonly round: OpenRound;
  readonly members: Member[];
  readonly k: number;
}

async function besiege(starling: TestStarling, { round, members, k }: Siege): Promise<SuiteResult> {
  const permits = await Promise.all(members.splice(0, ENROLLED * k).map((member) => permitOf(starling, round, member)));
  await sleep(1500);
  const before = await gaugesOf(starling.intake);
  const crowd = new Crowd();
  await gather(crowd, starling.intake, permits, k);
  const watching = watch(starling.intake, crowd);
  const honest = await submitAll(starling, round, members);
  const late = await crowd.gone(GONE_MS + SLACK_MS);
  const memory = await watching;
  const after = await settled(starling.intake, before.openFiles);
  const wrong = [
    ...(late > 0 ? [`${late} of ${crowd.size} hostile connections were there after ${GONE_MS + SLACK_MS} ms`] : []),
    ...(memory - before.memoryMb > MOST_GROWTH_MB ? [`memory grew by ${Math.round(memory - before.memoryMb)} MB`] : []),
    ...(after > before.openFiles + 10 ? [`${after} files are open, ${before.openFiles} were before`] : []),
    ...(starling.log('intake 0') === '' ? [] : [starling.log('intake 0')]),
  ];
  return {
    n: `${crowd.size} hostile, ${honest.length} honest`,
    expected: honest.length,
    accepted: honest.filter(({ ok }) => ok).length,
    lost: 0,
    doubled: 0,
    alien: 0,
    wrong,
    p99Ms: Math.max(...honest.map(({ ms }) => ms)),
    memoryMb: memory,
    note: `grew by ${Math.round(memory - before.memoryMb)} MB, last gone after ${Math.round(crowd.lastMs)} ms`,
  };
}

/** The live permit of a device that means no good. */
async function permitOf({ intake }: TestStarling, round: OpenRound, { tokens }: Member): Promise<string> {
  const opened = await open(intake, prepare(round, tokens[0]!, PAYLOAD, { payloadDigest: random(32) }));
  if (!opened.ok || !('permit' in opened)) throw new Error('no permit');
  return permitQuery(opened.permit)['permit']!;
}

async function gather(crowd: Crowd, intake: string, permits: readonly string[], k: number): Promise<void> {
  const upgrade = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`;
  const half = 'POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{';
  const uploading = (permit: string): Buffer =>
    Buffer.concat([
      Buffer.from(upgrade(`/upload/?EIO=4&transport=websocket&permit=${permit}`)),
      frameOf(CONNECT),
      frameOf(binaryEvent(1, 'upload:chunk')),
      frameOf(Buffer.alloc(1), { length: 200_000n }),
    ]);
  const hoarding = [frameOf(CONNECT), frameOf(binaryEvent(2)), frameOf(Buffer.alloc(2000))];
  const silent = Array.from({ length: SILENT * k }, (_, i) => ({ said: i % 2 ? '' : upgrade(SUBMIT), drop: '' }));
  const dripping = Array.from({ length: DRIPPING * k }, (_, i) => ({
    said: permits[i] ? uploading(permits[i]) : half,
    drop: ' ',
  }));
  const hoarders = Array.from({ length: HOARDING * k }, () => ({
    said: Buffer.concat([Buffer.from(upgrade(SUBMIT)), ...hoarding]),
    drop: '',
  }));
  // No faster than the system takes connections in.
  await inParallel([...silent, ...dripping, ...hoarders], 64, ({ said, drop }) => crowd.join(intake, said, drop));
}

/** Connections and how long each was let be. */
class Crowd {
  readonly #sockets = new Set<Socket>();
  size = 0;
  lastMs = 0;

  /** @param drop  said every second from then on */
  async join(url: string, said: string | Buffer, drop: string): Promise<void> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const since = performance.now();
    this.#sockets.add(socket);
    this.size++;
    socket.on('error', () => undefined);
    socket.resume();
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.lastMs = Math.max(this.lastMs, performance.now() - since);
    });
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
    if (said.length > 0) socket.write(said);
    if (drop === '') return;
    const drops = setInterval(() => socket.write(drop), 1000);
    socket.once('close', () => clearInterval(drops));
  }

  get left(): number {
    return this.#sockets.size;
  }

  /** @returns how many are still there after so long; they go now */
  async gone(withinMs: number): Promise<number> {
    const until = performance.now() + withinMs;
    while (this.left > 0 && performance.now() < until) await sleep(100);
    const { left } = this;
    for (const socket of this.#sockets) socket.destroy();
    return left;
  }
}

/** All at once. */
async function submitAll(starling: TestStarling, round: OpenRound, members: readonly Member[]) {
  return Promise.all(
    members.map(async ({ tokens }) => {
      const submission = prepare(round, tokens[0]!, PAYLOAD);
      const since = performance.now();
      const outcome = await submit(starling.intake, submission).then(told, (error: Error) => error.message);
      return { ok: outcome === receiptOf(submission), ms: performance.now() - since };
    }),
  );
}

/** @returns the most memory seen until all are gone, MB */
async function watch(intake: string, crowd: Crowd): Promise<number> {
  let most = 0;
  do {
    most = Math.max(most, (await gaugesOf(intake)).memoryMb);
    await sleep(250);
  } while (crowd.left > 0);
  return most;
}

/** @returns files still open once they are as few as before, or after a while */
async function settled(intake: string, wanted: number): Promise<number> {
  let { openFiles } = await gaugesOf(intake);
  for (let i = 0; i < 50 && openFiles > wanted; i++) {
    await sleep(100);
    ({ openFiles } = await gaugesOf(intake));
  }
  return openFiles;
}
