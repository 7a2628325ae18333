import { closeRace } from '../chaos/close-race.js';

import { outages } from '../outage/outages.js';
import { simulation } from '../simulation/simulation.js';

import type { Suite } from './suite.js';

/** All of them, in the order in which `npm run soak` takes turns. */
export const SUITES: readonly Suite[] = [closeRace, outages, simulation];
