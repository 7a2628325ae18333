import { expect, it } from '@jest/globals';

import { FULL, report } from '../fixtures/race.js';
import { SEED } from '../soak/seed.js';
import { passed } from '../soak/suite.js';
import { describeTable } from '../soak/table.js';

import { fuzzedFrames } from './fuzzed-frames.js';

const K = FULL ? 100 : 3;

// Kills: an answer of 500 or a line in the log for what a stranger sent; an update accepted without its body.
it('[FUZ1] frames and requests that are wrong in any way end no process, are accepted by none and stop no honest device', async () => {
  const result = await fuzzedFrames.run({ seed: SEED, k: K });
  report(describeTable([{ suite: fuzzedFrames.name, k: K, ...result }]));
  expect(passed(result) ? [] : [SEED, result]).toEqual([]);
}, 1_200_000);
