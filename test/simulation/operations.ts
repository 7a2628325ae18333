import fc from 'fast-check';

import type { Delivery } from './simulated-worker.js';

/** What becomes of a message: it gets there and back, not there, or not back; or the round is closed meanwhile. */
export type Fate = 'answered' | 'request lost' | 'answer lost' | 'raced';

export type SubmitKind = 'valid' | 'again' | 'other update' | 'other round' | 'stale token' | 'malformed';

export type Operation =
  | { readonly op: 'issue'; readonly phone: number; readonly ahead: 0 | 1; readonly fate: Fate }
  | { readonly op: 'submit'; readonly phone: number; readonly kind: SubmitKind; readonly fate: Fate }
  | { readonly op: 'move clock'; readonly quarters: number }
  | { readonly op: 'rotate' | 'start' | 'abort' | 'keep' | 'restart' }
  | { readonly op: 'work' | 'past deadline'; readonly delivery: Delivery };

export const PHONES = 4;

const delivery = fc.constantFrom<Delivery>('lost', 'once', 'once', 'once', 'twice');
const phone = fc.nat(PHONES - 1);
const fate = fc.constantFrom<Fate>('answered', 'answered', 'answered', 'request lost', 'answer lost', 'raced');
const kind = fc.constantFrom<SubmitKind>(
  'valid',
  'valid',
  'valid',
  'again',
  'other update',
  'other round',
  'stale token',
  'malformed',
);

const turn = fc.constantFrom<'keep' | 'start' | 'rotate' | 'abort' | 'restart'>(
  'keep',
  'keep',
  'start',
  'start',
  'rotate',
  'abort',
  'restart',
);

/** Weighted so that rounds open, fill and end within a list. */
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ op: fc.constant('issue' as const), phone, ahead: fc.constantFrom<0 | 1>(0, 0, 0, 1), fate }),
  },
  { weight: 16, arbitrary: fc.record({ op: fc.constant('submit' as const), phone, kind, fate }) },
  // An epoch has four quarters; a backward one is what a corrected clock does.
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('move clock' as const), quarters: fc.integer({ min: -4, max: 12 }) }),
  },
  { weight: 8, arbitrary: fc.record({ op: turn }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('work' as const), delivery }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('past deadline' as const), delivery }) },
);

export const operationLists = (length: number): fc.Arbitrary<Operation[]> =>
  fc.array(operation, { minLength: Math.floor(length / 2), maxLength: length, size: 'max' });
