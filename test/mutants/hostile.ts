import type { Mutant } from './mutant.js';

/** What keeps a process up beside those who mean no good, or are too many. */
export const HOSTILE: readonly Mutant[] = [
  {
    name: 'as much at a time as anybody asks for',
    file: 'libs/edge/src/admission.ts',
    from: 'if (this.#inside >= this.most) {',
    to: 'if (this.#inside > 1e9) {',
    tests: 'libs/edge/src/admission',
    rules: ['LOD1'],
  },
  {
    name: 'a body in drops is waited for',
    file: 'apps/intake/src/intake-sockets.ts',
    from: 'const PACE_BYTES = 4096;',
    to: 'const PACE_BYTES = 0;',
    tests: 'apps/intake/src/intake-sockets',
    rules: ['LOD5'],
  },
  {
    name: 'who reads nothing is kept all that happens',
    file: 'apps/coordinator/src/event-sockets.ts',
    from: 'if (length < MAX_BEHIND) return;',
    to: 'if (length < 1e9) return;',
    tests: 'apps/coordinator/src/event-sockets',
    rules: ['LOD6'],
  },
  {
    name: 'slow connections stay',
    file: 'libs/edge/src/slow-sockets.ts',
    from: 'else if (isStuck(socket, doing, now)) {',
    to: 'else if (isStuck(socket, doing, now) && sockets.size < 0) {',
    tests: 'test/e2e/slow-sockets',
    rules: ['LOD4'],
  },
  {
    name: 'compression is taken from strangers',
    file: 'libs/edge/src/engine-sockets.ts',
    from: 'perMessageDeflate: false,',
    to: 'perMessageDeflate: true,',
    tests: 'test/e2e/slow-sockets',
    rules: ['FUZ4'],
  },
  {
    name: 'all come back at the very end of the time they were sent away for',
    file: 'libs/client/src/backoff.ts',
    from: 'return floor + this.#last;',
    to: 'return Math.max(floor, this.#last);',
    tests: 'libs/client/src/backoff',
    rules: ['LOD8'],
  },
];
