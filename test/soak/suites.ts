import { closeRace } from '../chaos/close-race.js';
import { crashRounds } from '../chaos/crash-rounds.js';
import { doubleSpend } from '../chaos/double-spend.js';
import { postgresKills } from '../chaos/postgres-kills.js';
import { workerKills } from '../chaos/worker-kills.js';
import { fuzzedFrames } from '../fuzz/fuzzed-frames.js';
import { hostileConnections } from '../load/hostile-connections.js';
import { tokenStorm } from '../load/token-storm.js';
import { clockSkews } from '../outage/clock-skews.js';
import { outages } from '../outage/outages.js';
import { simulation } from '../simulation/simulation.js';

import type { Suite } from './suite.js';

/** All of them, in the order in which `npm run soak` takes turns. */
export const SUITES: readonly Suite[] = [
  closeRace,
  crashRounds,
  doubleSpend,
  postgresKills,
  workerKills,
  fuzzedFrames,
  hostileConnections,
  tokenStorm,
  outages,
  clockSkews,
  simulation,
];
