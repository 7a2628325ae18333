import { browserAsker, verifyCounted, type AuditedRound, type Manifest, type Participation } from '#client/browser';

import type { HistoryEntry } from '../memory/memory.js';
import type { UpdateSummary } from './update-summary.js';

export type Sent = Exclude<Participation, { readonly outcome: 'skipped' }>;

const toHex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export function entryOf(sent: Sent, update: UpdateSummary | undefined, at: number): HistoryEntry {
  const isAccepted = sent.outcome === 'accepted';
  return {
    roundId: sent.round?.roundId ?? '',
    at,
    receipt: isAccepted ? toHex(sent.receipt) : null,
    refusal: isAccepted ? null : sent.message,
    norm: update?.clippedNorm ?? null,
    bytes: update?.bytes ?? null,
    outcome: 'waiting',
    proof: null,
    of: null,
  };
}

/** With what an audit found. A proof that does not hold against the manifest's key is not taken for one. */
export function audited(
  history: readonly HistoryEntry[],
  found: readonly AuditedRound[],
  { logKey }: Pick<Manifest, 'logKey'>,
): HistoryEntry[] {
  const sha256 = (bytes: Uint8Array): Uint8Array => browserAsker.hashes.sha256(bytes);
  return history.map((entry) => {
    const round = found.find(({ roundId }) => roundId === entry.roundId);
    if (round === undefined || round.outcome === 'not_mine' || entry.receipt === null) return entry;
    if (round.outcome !== 'counted' || round.proof === undefined) {
      return { ...entry, outcome: round.outcome === 'abandoned' ? 'abandoned' : 'not_counted' };
    }
    const verdict = verifyCounted(sha256, round.proof, toHex(logKey));
    if (!verdict.holds) return { ...entry, outcome: 'not_counted' };
    return { ...entry, outcome: 'counted', proof: round.proof, of: verdict.accepted };
  });
}
