import { closeRace } from '../chaos/close-race.js';
import { fuzzedFrames } from '../fuzz/fuzzed-frames.js';

import type { Suite } from './suite.js';

/** All of them, in the order in which `npm run soak` takes turns. */
export const SUITES: readonly Suite[] = [closeRace, fuzzedFrames];
