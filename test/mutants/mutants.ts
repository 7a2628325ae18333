import { ACCEPTANCE } from './acceptance.js';
import { ACCESS } from './access.js';
import { CLIPPING } from './clipping.js';
import { CREDENTIALS } from './credentials.js';
import { DASHBOARD } from './dashboard.js';
import { DEVICES } from './devices.js';
import { ENCODINGS } from './encodings.js';
import { EVALUATIONS } from './evaluations.js';
import { HOSTILE } from './hostile.js';
import type { Mutant } from './mutant.js';
import { OBSERVABILITY } from './observability.js';
import { OUTAGES } from './outages.js';
import { PORTAL_MUTANTS } from './portal.js';
import { PREVIEWS } from './previews.js';
import { PYTHON } from './python.js';
import { ROUNDS } from './rounds.js';
import { SIMULATION } from './simulation.js';
import { TREES } from './trees.js';

export const MUTANTS: readonly Mutant[] = [
  ...ACCEPTANCE,
  ...CLIPPING,
  ...CREDENTIALS,
  ...DEVICES,
  ...ENCODINGS,
  ...EVALUATIONS,
  ...ROUNDS,
  ...TREES,
  ...ACCESS,
  ...PORTAL_MUTANTS,
  ...HOSTILE,
  ...OBSERVABILITY,
  ...OUTAGES,
  ...SIMULATION,
  ...PYTHON,
  ...PREVIEWS,
  ...DASHBOARD,
];
