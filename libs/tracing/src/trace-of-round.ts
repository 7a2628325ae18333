import { createHash } from 'node:crypto';

const PREFIX = 'starling/round-trace/v1\0';

/**
 * The trace that all spans of a round are in, and its first span: everybody computes them from the round's id, so no row
 * and no job has to carry them from one process to the next.
 */
export function traceOfRound(roundId: string): { readonly traceId: string; readonly rootSpanId: string } {
  const digest = createHash('sha256').update(PREFIX).update(roundId).digest('hex');
  return { traceId: digest.slice(0, 32), rootSpanId: digest.slice(32, 48) };
}
