import { setTimeout as sleep } from 'node:timers/promises';

import { Random } from '../../apps/fleet/src/data/random.js';
import { almostFullRound, modelOfFullRound, UPDATES } from '../fixtures/full-round.js';
import { eventually } from '../fixtures/patience.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import type { Suite, SuitePlan, SuiteResult } from '../soak/suite.js';

const WITHIN = { withinMs: 120_000 };
/** After the last kill. 15 s are promised and printed; a machine with other work takes longer. */
const DONE_WITHIN_MS = 60_000;

/** In one round of ten shards, the worker is killed k times, and all jobs are lost now and then. */
export const workerKills: Suite = { name: 'worker kills', soakK: 30, run: runWorkerKills };

async function runWorkerKills({ seed, k }: SuitePlan): Promise<SuiteResult> {
  const random = new Random(seed, 'worker kills');
  const starling = await startStarling({ intakes: [], crashTest: true });
  try {
    const { roundId, complete } = await almostFullRound(starling);
    await complete();
    for (let kill = 1; kill <= k; kill++) {
      await eventually('the worker is back', () => starling.lives('worker'), WITHIN);
      await sleep(500 * random.uniform());
      starling.kill('worker');
      // Every third time, and the last, it comes back to a queue that knows of nothing.
      if (kill % 3 === 0 || kill === k) await loseJobs(starling);
    }
    await eventually('the worker is back', () => starling.lives('worker'), WITHIN);
    const since = performance.now();
    await sleep(200 * random.uniform());
    await loseJobs(starling);
    const round = await starling.researcher.awaitRound(roundId, 'published', WITHIN.withinMs);
    const tookMs = performance.now() - since;
    const wrong = [
      ...(tookMs > DONE_WITHIN_MS ? [`it took ${Math.round(tookMs)} ms after the last kill`] : []),
      ...(round.modelOut === modelOfFullRound() ? [] : ['the model is not the mean of the accepted updates']),
    ];
    const note = `${k} kills, done ${(tookMs / 1000).toFixed(1)} s after the last`;
    const { accepted } = round;
    return { n: `${UPDATES} updates`, expected: UPDATES, accepted, lost: 0, doubled: 0, alien: 0, wrong, note };
  } finally {
    await starling.stop();
  }
}

/** What a queue kept in memory would do. */
async function loseJobs({ database }: TestStarling): Promise<void> {
  await database.admin.query('delete from bullmq.job');
}
