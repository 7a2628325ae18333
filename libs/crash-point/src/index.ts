/**
 * The steps between which a process may die, in the order in which a round takes them: all that docs/spec.md, section
 * "Crashes and races", promises about crashes is tried at each. `…ing` is inside a transaction, before its commit; other
 * names are between two steps.
 */
export const CRASH_POINTS = [
  // a batch of tokens is charged and stored, and not answered
  'issuer-charged',
  // a slot is taken; a round's record is in the log; a tree head is signed
  'coordinator-sealing',
  'coordinator-announcing',
  'coordinator-announced',
  'coordinator-signing',
  // the round is open, and nobody was told
  'coordinator-opened',
  // leave to upload is given, and not answered; a part of the body is written; all of it is durable and counts for nothing yet
  'intake-permitted',
  'intake-chunk-written',
  'intake-body-durable',
  // the update counts, and its device does not know
  'intake-accepted',
  // the list is frozen, and the queue knows of no folding
  'worker-closing',
  'worker-frozen',
  // a shard: read, half summed, summed, stored
  'worker-folding',
  'worker-mid-sum',
  'worker-summed',
  'worker-partial-stored',
  // the next model: sums read, file written, row written, published
  'worker-partials-read',
  'worker-model-made',
  'worker-publishing',
  'worker-published',
  // half of the bodies are deleted
  'worker-deleting-bodies',
  // the log is told how the round ended; so is half of everybody who listens
  'coordinator-logging-end',
  'coordinator-telling',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

/**
 * Nothing. Where Node runs with `--conditions=crash-test`, package.json puts `test/fixtures/crash-point.ts` in the place of
 * this file, and there a process dies here once it was told to.
 */
export function crashPoint(_point: CrashPoint): void {}
