import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Random } from '../../apps/fleet/src/data/random.js';
import { enrolCohort, type Member } from '../fixtures/cohort.js';
import { FaultyLink } from '../fixtures/faulty-link.js';
import { askReady } from '../fixtures/one-process.js';
import { OwnPostgres } from '../fixtures/own-postgres.js';
import { memoryOf } from '../fixtures/process-tree.js';
import { publishedSum } from '../fixtures/published-sum.js';
import { mountSmallDisk } from '../fixtures/small-disk.js';
import { startStarling } from '../fixtures/starling.js';
import { awaitOpenRound } from '../fixtures/submission.js';
import type { Suite, SuitePlan, SuiteResult } from '../soak/suite.js';

import { FAULTS, type Fault, type Site } from './faults.js';
import { judge, mailAll, type Judgement } from './mailing.js';

const DEVICES = 24;
const PARAMETERS = 64;
const SCALE = 1000;
/** Updates are on their way when it breaks. */
const LEAD_MS = 300;
const TOLD_WITHIN_MS = 2000;
const RECOVERED_WITHIN_MS = 10_000;
const BODIES_MB = 8;
const GROWTH_MB = 250;
const PROCESSES = ['issuer 0', 'intake 0', 'coordinator', 'worker'];

/** Every fault once, each for k seconds, under devices that submit the whole time. */
export const outages: Suite = { name: 'outages', soakK: 20, run: runOutages };

async function runOutages({ seed, k }: SuitePlan): Promise<SuiteResult> {
  const postgres = await OwnPostgres.start();
  const link = new FaultyLink(new URL(postgres.server.adminUrl));
  await link.open();
  const starling = await startStarling({ server: postgres.server, databasePort: link.port });
  const site = { postgres, link, starling };
  const order = new Random(seed, 'outages').shuffle(FAULTS.map((_, i) => i));
  const faults = order.map((i) => FAULTS[i]!);
  const bodies = join(starling.directory, 'bodies');
  await mkdir(bodies, { recursive: true, mode: 0o700 });
  const unmount = await mountSmallDisk(bodies, BODIES_MB);
  try {
    return await suffer(site, faults, k);
  } finally {
    await unmount();
    await starling.stop();
    await link.close();
    await postgres.remove();
  }
}

async function suffer(site: Site, faults: readonly Fault[], k: number): Promise<SuiteResult> {
  const { starling } = site;
  const { researcher } = starling;
  const slots = faults.map((_, slot) => slot);
  const manifest = await researcher.createUseCase({ scale: SCALE, slots: 16, batch: faults.length });
  const members = await enrolCohort(starling, manifest, DEVICES, { slots });
  const rounds = await researcher.startRounds(manifest.useCase, { count: faults.length, target: DEVICES });
  const before = PROCESSES.map((name) => memoryOf(starling.pid(name)));
  const total = { lost: 0, doubled: 0, alien: 0 };
  const wrong: string[] = [];
  let slowest = 0;
  for (const [slot, fault] of faults.entries()) {
    const one = await sufferOne(site, fault, {
      useCase: manifest.useCase,
      members,
      slot,
      ms: 1000 * k,
      id: rounds[slot]!,
    });
    for (const kind of ['lost', 'doubled', 'alien'] as const) total[kind] += one[kind];
    wrong.push(...one.wrong.map((words) => `${fault.name}: ${words}`));
    slowest = Math.max(slowest, one.recoveredMs);
  }
  const after = PROCESSES.map((name) => memoryOf(starling.pid(name)));
  const grown = Math.max(...after.map((megabytes, i) => megabytes - before[i]!));
  if (grown > GROWTH_MB) wrong.push(`a process grew by ${Math.round(grown)} MB`);
  for (const name of PROCESSES)
    if (starling.ends(name).length > 0)
      wrong.push(`${name} ended: ${starling.ends(name).join()}; it said ${starling.log(name).slice(-1500)}`);
  const expected = DEVICES * faults.length;
  return {
    n: `${faults.length} faults × ${DEVICES} devices`,
    expected,
    accepted: expected - total.lost,
    ...total,
    wrong,
    memoryMb: Math.max(...after),
    note: `slowest recovery ${Math.round(slowest)} ms`,
  };
}

interface Case {
  readonly useCase: string;
  readonly members: readonly Member[];
  readonly slot: number;
  readonly ms: number;
  /** of the round */
  readonly id: string;
}

interface Outcome extends Judgement {
  readonly recoveredMs: number;
  readonly wrong: readonly string[];
}

async function sufferOne(site: Site, fault: Fault, { useCase, members, slot, ms, id }: Case): Promise<Outcome> {
  const { starling } = site;
  const { coordinator, intake, researcher } = starling;
  const round = await awaitOpenRound(coordinator, useCase);
  const mailed = mailAll({ intake, round, parameters: PARAMETERS }, members, slot, LEAD_MS + ms);
  await sleep(LEAD_MS);
  const mend = await fault.begin(site);
  const since = performance.now();
  const wrong: string[] = [];
  try {
    wrong.push(...(await untold(site, fault.stops)));
    await sleep(Math.max(0, ms - (performance.now() - since)));
  } finally {
    await mend();
  }
  const mended = performance.now();
  await Promise.all(PROCESSES.map((name) => awaitReady(() => starling.url(name))));
  const notes = await mailed;
  const recoveredMs = Math.max(...notes.map(({ at }) => at), performance.now()) - mended;
  if (recoveredMs > RECOVERED_WITHIN_MS) wrong.push(`recovered after ${Math.round(recoveredMs)} ms`);
  for (const { index, answer, isReceipt } of notes)
    if (!isReceipt) wrong.push(`device ${index} was told ${answer ?? 'nothing'}`);
  const published = await researcher.awaitRound(id, 'published', 60_000);
  return { ...judge(notes, await publishedSum(coordinator, published, SCALE)), recoveredMs, wrong };
}

/** Those that do not say in time that they cannot work, or take too long to say it. */
async function untold({ starling }: Site, names: readonly string[]): Promise<string[]> {
  const told = await Promise.all(
    names.map(async (name) => {
      const until = performance.now() + TOLD_WITHIN_MS;
      for (let left = TOLD_WITHIN_MS; left > 0; left = until - performance.now()) {
        const answer = await askReady(starling.url(name)).catch(() => undefined);
        if (answer === undefined) return `${name} does not answer; it said ${starling.log(name).slice(-500)}`;
        const { status, afterMs } = answer;
        if (afterMs > TOLD_WITHIN_MS) return `${name} took ${Math.round(afterMs)} ms to say whether it is ready`;
        if (status === 503) return undefined;
        await sleep(50);
      }
      return `${name} still says that it is ready`;
    }),
  );
  return told.filter((words) => words !== undefined);
}

async function awaitReady(url: () => string): Promise<void> {
  while ((await askReady(url()).catch(() => undefined))?.status !== 200) await sleep(50);
}
