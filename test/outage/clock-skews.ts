import { Random } from '../../apps/fleet/src/data/random.js';
import { enrolCohort, type Member } from '../fixtures/cohort.js';
import { moveDatabaseClock } from '../fixtures/database-clock.js';
import { TestDevice } from '../fixtures/device.js';
import { codeOf } from '../fixtures/http.js';
import { publishedSum } from '../fixtures/published-sum.js';
import { clockOff, startStarling, type TestStarling } from '../fixtures/starling.js';
import {
  awaitOpenRound,
  prepare,
  receiptOf,
  submit,
  told,
  uploadedTo,
  type Submission,
} from '../fixtures/submission.js';
import type { Suite, SuitePlan, SuiteResult } from '../soak/suite.js';

import { judge, oneHot, type Judgement } from './mailing.js';

const PARAMETERS = 64;
const SCALE = 1000;
const EPOCH_SECONDS = 3600;
/** What issuer k, intake k and the coordinator's clocks are off by, seconds. */
const PROCESS_SKEWS = [-300, 0, 300] as const;
/** Not the current slot of the round, so that a device may fetch it although the round has begun. */
const LATER_SLOT = 1;

/** Whose clock is off, and by how much. */
interface Skew {
  readonly name: string;
  /** index of the issuer and the intake that are asked */
  readonly process?: number;
  readonly deviceSeconds?: number;
  /** the database's clock jumps by so much while an update is under way */
  readonly databaseSeconds?: number;
  /** what each operation comes to */
  readonly truth: Truth;
}

/** One word or code for each operation. */
interface Truth {
  /** a device enrols */
  readonly enrol: string;
  /** it asks for a token */
  readonly fetch: string;
  /** an update that was under way is committed */
  readonly submit: string;
  /** one that was accepted before is sent again */
  readonly again: string;
  /** what the round comes to once both were sent, of which two are its target */
  readonly close: string;
}

const UNTOUCHED: Truth = {
  enrol: 'enrolled',
  fetch: 'token of epoch 0',
  submit: 'receipt',
  again: 'receipt',
  close: 'published with 2',
};

/** The one clock that decides is the database's, and for epochs the latest that it has shown. */
const SKEWS: readonly Skew[] = [
  { name: 'processes 300 s behind', process: 0, truth: UNTOUCHED },
  { name: 'no skew', process: 1, truth: UNTOUCHED },
  { name: 'processes 300 s ahead', process: 2, truth: UNTOUCHED },
  {
    name: 'devices two epochs behind',
    deviceSeconds: -2 * EPOCH_SECONDS,
    truth: { ...UNTOUCHED, fetch: 'stale_request' },
  },
  {
    name: 'devices two epochs ahead',
    deviceSeconds: 2 * EPOCH_SECONDS,
    truth: { ...UNTOUCHED, fetch: 'stale_request' },
  },
  {
    // Its deadline and its W are now an epoch away: it waits for them, and says until when.
    name: 'database steps back an epoch',
    databaseSeconds: -EPOCH_SECONDS,
    truth: { ...UNTOUCHED, close: 'open' },
  },
  {
    // Nothing redeems in an epoch that is over, not even for a receipt that was given before.
    name: 'database leaps to the next epoch',
    databaseSeconds: EPOCH_SECONDS,
    truth: {
      ...UNTOUCHED,
      fetch: 'token of epoch 1',
      submit: 'epoch_retired',
      again: 'epoch_retired',
      close: 'published with 1',
    },
  },
];

/** Every skew once, under five operations: what comes of each is written down beforehand. k repeats the table. */
export const clockSkews: Suite = { name: 'clock skews', soakK: 10, run: runClockSkews };

async function runClockSkews({ seed, k }: SuitePlan): Promise<SuiteResult> {
  const starling = await startStarling({
    issuers: PROCESS_SKEWS.map(clockOff),
    intakes: PROCESS_SKEWS.map(clockOff),
    coordinator: clockOff(300),
  });
  const random = new Random(seed, 'clock skews');
  const total = { expected: 0, accepted: 0, lost: 0, doubled: 0, alien: 0 };
  const wrong: string[] = [];
  try {
    for (let turn = 0; turn < k; turn++) {
      for (const i of random.shuffle(SKEWS.map((_, i) => i))) {
        const skew = SKEWS[i]!;
        const one = await suffer(starling, skew);
        for (const kind of Object.keys(total) as (keyof typeof total)[]) total[kind] += one[kind];
        wrong.push(...one.wrong.map((words) => `${skew.name}: ${words}`));
      }
    }
    return { n: `${SKEWS.length} skews × ${Object.keys(UNTOUCHED).length} operations`, ...total, wrong };
  } finally {
    await starling.stop();
  }
}

interface Outcome extends Judgement {
  /** receipts, and updates in the published sum */
  readonly expected: number;
  readonly accepted: number;
  readonly wrong: readonly string[];
}

async function suffer(starling: TestStarling, skew: Skew): Promise<Outcome> {
  const { database, coordinator, researcher } = starling;
  const { process = 1, deviceSeconds = 0, databaseSeconds = 0 } = skew;
  const [issuer, intake] = [starling.issuers[process]!, starling.intakes[process]!];
  const layout = [{ name: 'w', shape: [PARAMETERS] }];
  const { useCase } = await researcher.createUseCase({ layout, scale: SCALE, epochSeconds: EPOCH_SECONDS });
  const manifest = await researcher.manifest(useCase);
  const members = await enrolCohort({ issuer, researcher }, manifest, 2);
  const code = await researcher.enrolmentCode(useCase);
  const [id] = await researcher.startRounds(useCase, { target: 2 });
  const round = await awaitOpenRound(coordinator, useCase);
  const [early, late] = members.map(({ tokens }: Member, i) => prepare(round, tokens[0]!, oneHot(i, PARAMETERS)));
  const answerTo = async (one: Submission, sent: Promise<Awaited<ReturnType<typeof submit>>>): Promise<string> => {
    const answer = told(await sent);
    return answer === receiptOf(one) ? 'receipt' : answer;
  };
  const before = await answerTo(early!, submit(intake, early!));
  const commit = await uploadedTo(intake, late!);

  await moveDatabaseClock(database, databaseSeconds);
  const device = new TestDevice({ issuer, manifest, code });
  const seen: Truth = {
    enrol: await enrol(device),
    fetch: await fetchToken(device, deviceSeconds),
    submit: await answerTo(late!, commit()),
    again: await answerTo(early!, submit(intake, early!)),
    close: await comesTo(starling, id!, skew.truth.close),
  };
  const stale = await answerTo(late!, submit(intake, late!));
  await moveDatabaseClock(database, -databaseSeconds);
  const right = await answerTo(late!, submit(intake, late!));

  const wrong = Object.entries(skew.truth).flatMap(([operation, truth]) => {
    const came = seen[operation as keyof Truth];
    return came === truth ? [] : [`${operation}: ${came}, not ${truth}`];
  });
  // What was refused for its epoch is refused for ever, whatever the clock says later.
  for (const later of [stale, right]) if (later !== seen.submit) wrong.push(`sent later: ${later}, not ${seen.submit}`);
  if (before !== 'receipt') wrong.push(`before it all: ${before}`);
  const published = await researcher.awaitRound(id!, 'published', 60_000);
  const sum = await publishedSum(coordinator, published, SCALE);
  const notes = [before, seen.submit].map((answer, index) => ({
    ...{ index, answer, tries: 1, at: 0 },
    isReceipt: answer === 'receipt',
  }));
  const expected = notes.filter(({ isReceipt }) => isReceipt).length;
  return { ...judge(notes, sum), expected, accepted: published.accepted!, wrong };
}

const enrol = async (device: TestDevice): Promise<string> => {
  const answer = await device.enrol();
  device.id = (answer.json as { deviceId?: string }).deviceId ?? '';
  return device.id === '' ? codeOf(answer) : 'enrolled';
};

/** By a device whose clock is off. */
async function fetchToken(device: TestDevice, seconds: number): Promise<string> {
  const { epoch } = await device.window();
  const batch = device.blind(epoch, [LATER_SLOT]);
  const answer = await device.request(batch, { timestamp: Date.now() + 1000 * seconds });
  if (answer.status >= 300) return codeOf(answer);
  const [token] = device.finalize(batch, answer);
  return `token of epoch ${token!.epoch}`;
}

/** The state that a round gets to where it should publish, or else stays in. */
async function comesTo({ researcher }: TestStarling, id: string, expected: string): Promise<string> {
  const isOver = expected.startsWith('published');
  const { state, accepted } = isOver ? await researcher.awaitRound(id, 'published') : await researcher.round(id);
  return state === 'published' ? `published with ${accepted}` : state;
}
