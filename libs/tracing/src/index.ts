/** Traces of rounds, for who asks for them. Nothing here sees a device: rounds are what is traced. */
export type { RoundSpan, TracedRound } from './round-span.js';
export { NO_TRACES, openRoundTraces, type RoundTraces } from './round-traces.js';
export { traceOfRound } from './trace-of-round.js';
