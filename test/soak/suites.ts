import { closeRace } from '../chaos/close-race.js';
import { fuzzedFrames } from '../fuzz/fuzzed-frames.js';
import { hostileConnections } from '../load/hostile-connections.js';
import { tokenStorm } from '../load/token-storm.js';

import type { Suite } from './suite.js';

/** All of them, in the order in which `npm run soak` takes turns. */
export const SUITES: readonly Suite[] = [closeRace, fuzzedFrames, hostileConnections, tokenStorm];
