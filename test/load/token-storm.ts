import { setTimeout as sleep } from 'node:timers/promises';

import { gaugesOf } from '../fixtures/gauges.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, type OpenRound } from '../fixtures/submission.js';
import type { Suite, SuitePlan, SuiteResult } from '../soak/suite.js';

import type { Outcome } from './client.js';
import { LoadClient } from './crowd.js';

/** Of k = 10: 400 devices a phase, and a ramp of 2,000 in a minute. */
const DEVICES = 40;
const RAMP = { devices: 200, ms: 6000 };
/** What bounds each device and each code: these are many devices with one code. */
const UNLIMITED = {
  TOKENS_PER_SECOND: '1000000',
  REQUESTS_PER_MINUTE: '1000000',
  ENROLMENTS_PER_CODE_PER_MINUTE: '1000000',
  ENROLMENTS_PER_MINUTE: '1000000',
};
/** Requests a second that no issuer of two cores evaluates: ten times what one is seen to. */
const STORM_PER_SECOND = 400;
/** What was sent away comes back, and comes no more after this long. */
const DRAINED_WITHIN_MS = 60_000;
/** Of what is accepted in a second when as many come at a time as do best. */
const GOODPUT = 0.9;
/** Times that both are measured, at k = 10, in turns: the median says more of intake than of the machine. */
const PAIRS = 3;

/**
 * k · 40 devices submit at their own pace and all at once, in turns; k · 200 in a ramp; k · 40 beside a token storm, and
 * as many beside a flood of tokens that are made up. All phases are of one run, and compared with each other only.
 */
export const tokenStorm: Suite = { name: 'token storm', soakK: 10, run: (plan) => runTokenStorm(plan) };

async function runTokenStorm({ k }: SuitePlan): Promise<SuiteResult> {
  const starling = await startStarling({
    issuers: [{ ...UNLIMITED, MAX_REQUESTS: '32' }],
    without: ['worker'],
  });
  const clients: LoadClient[] = [];
  try {
    const { issuer, intake, researcher } = starling;
    const manifest = await researcher.createUseCase({ epochSeconds: 86_400 });
    const pairs = k < tokenStorm.soakK ? 1 : PAIRS;
    const devices = DEVICES * k * (2 + 2 * pairs) + RAMP.devices * k;
    const code = await researcher.enrolmentCode(manifest.useCase, devices + 20);
    const plan = { issuer, intake, manifest, code };
    const start = async (devices: number): Promise<LoadClient> => {
      const client = await LoadClient.start({ ...plan, devices });
      clients.push(client);
      return client;
    };
    const [honest, hostile] = await Promise.all([start(devices), start(20)]);
    await researcher.startRounds(manifest.useCase, { deadlineSeconds: 20_000 });
    const round = await awaitOpenRound(starling.coordinator, manifest.useCase);
    return await runPhases(starling, { honest, hostile, round, k, pairs });
  } finally {
    for (const client of clients) client.stop();
    await starling.stop();
  }
}

interface Cast {
  readonly honest: LoadClient;
  readonly hostile: LoadClient;
  readonly round: OpenRound;
  readonly k: number;
  readonly pairs: number;
}

async function runPhases(starling: TestStarling, { honest, hostile, round, k, pairs }: Cast): Promise<SuiteResult> {
  const [share, overMs] = [DEVICES * k, 1000 * k];
  const peaks: Outcome[] = [];
  const crowds: Outcome[] = [];
  for (let i = 0; i < pairs; i++) {
    peaks.push(await honest.follow({ submit: share, round, width: 16 }));
    crowds.push(await honest.follow({ submit: share, round }));
  }
  const goodput = median(crowds.map((crowd, i) => crowd.goodput / peaks[i]!.goodput));
  const ramp = await honest.follow({ submit: RAMP.devices * k, round, overMs: RAMP.ms * k });
  const storming = hostile.follow({ storm: STORM_PER_SECOND, forMs: 2 * overMs });
  const stormed = await honest.follow({ submit: share, round, overMs });
  const storm = await storming;
  const drainedMs = storm.ms - 2 * overMs;
  const calm = await quiet(starling);
  const flooding = hostile.follow({ flood: 32, forMs: overMs, round });
  const flooded = await honest.follow({ submit: share, round, overMs });
  const flood = await flooding;
  const phases: [string, Outcome][] = [
    ...peaks.map((peak): [string, Outcome] => ['peak', peak]),
    ...crowds.map((crowd): [string, Outcome] => ['all at once', crowd]),
    ...Object.entries({ ramp, stormed, flooded }),
  ];
  const wrong = [
    ...phases.flatMap(([name, { asked, good, told }]) =>
      good >= 0.99 * asked ? [] : [`${name}: ${good} of ${asked} were accepted: ${JSON.stringify(told)}`],
    ),
    ...shedding(storm),
    // Only where each phase is long enough to be compared.
    ...(k < tokenStorm.soakK || goodput >= GOODPUT ? [] : ['goodput fell']),
    ...(calm ? [] : ['requests went on coming when the storm was over']),
    ...((flood.told['ok'] ?? 0) > 0 ? ['a token that was made up was taken'] : []),
    ...(drainedMs > DRAINED_WITHIN_MS ? [`the storm took ${drainedMs} ms to drain`] : []),
    ...['issuer 0', 'intake 0'].map((name) => starling.log(name)).filter((log) => log !== ''),
  ];
  const all = phases.map(([, outcome]) => outcome);
  const accepted = all.reduce((sum, { good }) => sum + good, 0);
  return {
    n: `${all.reduce((sum, { asked }) => sum + asked, 0)} devices`,
    // Each phase may lose one in a hundred: said above where it is more.
    expected: accepted,
    accepted,
    lost: 0,
    doubled: 0,
    alien: 0,
    wrong,
    memoryMb: (await gaugesOf(starling.intake)).memoryMb,
    note:
      `peak ${median(peaks.map((peak) => peak.goodput)).toFixed(0)} a second, all at once / peak ${goodput.toFixed(2)}, beside the storm ${percent(stormed)}, ` +
      `beside ${flood.asked} made-up tokens ${percent(flooded)}, storm ${JSON.stringify(storm.told)}, ` +
      `drained ${(drainedMs / 1000).toFixed(1)} s after it`,
  };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const percent = ({ asked, good }: Outcome): string => `${((100 * good) / asked).toFixed(1)} %`;

/** Some were sent away, all of them with a time to come back. */
const shedding = ({ told }: Outcome): string[] => [
  ...(told['overloaded'] === undefined ? ['the issuer shed nothing: no storm'] : []),
  ...Object.keys(told).filter((answer) => /without a time|internal/.test(answer)),
];

/** Nobody tries for ever: for two seconds the issuer is asked nothing it would refuse. */
async function quiet({ issuer }: TestStarling): Promise<boolean> {
  const total = async (): Promise<number> =>
    Object.values((await gaugesOf(issuer)).refused).reduce((sum, count) => sum + count, 0);
  const before = await total();
  await sleep(2000);
  return (await total()) === before;
}
