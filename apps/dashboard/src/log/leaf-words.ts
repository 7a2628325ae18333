import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

import { decodeInfo, decodeLogLeaf, decodeRoundRecord, type LogLeaf } from '#protocol';

import type { LeafView } from './log-messages.js';

/** A round that a record announced. */
interface Announced {
  readonly id: string;
  readonly useCase: string;
}

const short = (digest: Uint8Array): string => `${bytesToHex(digest).slice(0, 12)}…`;

/** Tells leaves in words. Ends of rounds name a record's digest alone: feed it records before their ends. */
export class LeafTeller {
  readonly #rounds = new Map<string, Announced>();

  /** Only remembers which round a record is of. */
  hear(bytes: Uint8Array): void {
    const leaf = decoded(bytes);
    if (leaf?.kind !== 'round') return;
    const { roundId, info } = decodeRoundRecord(leaf.record);
    this.#rounds.set(bytesToHex(sha256(leaf.record)), { id: uuidOf(roundId), useCase: decodeInfo(info).useCase });
  }

  tell(position: number, bytes: Uint8Array): LeafView {
    this.hear(bytes);
    const leaf = decoded(bytes);
    if (leaf === undefined)
      return { position, kind: 'unknown', text: 'no leaf of a kind that this page knows', roundId: null, model: null };
    const round = this.#roundOf(leaf);
    const model = leaf.kind === 'result' ? bytesToHex(leaf.modelOut) : null;
    return { position, kind: KINDS[leaf.kind], text: textOf(leaf, round), roundId: round?.id ?? null, model };
  }

  #roundOf(leaf: LogLeaf): Announced | undefined {
    if (leaf.kind === 'round') return this.#rounds.get(bytesToHex(sha256(leaf.record)));
    if (leaf.kind === 'restart') return { id: uuidOf(leaf.roundId), useCase: leaf.useCase };
    return 'recordDigest' in leaf ? this.#rounds.get(bytesToHex(leaf.recordDigest)) : undefined;
  }
}

const KINDS: Record<LogLeaf['kind'], string> = {
  key: 'Key',
  manifest: 'Manifest',
  derived_keys: 'Derived keys',
  round: 'Round',
  result: 'Result',
  abandonment: 'Abandonment',
  key_retirement: 'Key retired',
  epoch_retirement: 'Epochs retired',
  restart: 'Restart',
  evaluation: 'Measurement',
};

const REASONS = {
  too_few: 'too few updates came',
  aborted: 'somebody aborted it',
  failed: 'something broke',
  missed: 'it could not open in time',
} as const;

function textOf(leaf: LogLeaf, round: Announced | undefined): string {
  const of = round ? ` of ${round.useCase}` : '';
  switch (leaf.kind) {
    case 'key':
      return `${leaf.useCase} has a primary key ${short(leaf.keyDigest)} from epoch ${leaf.firstEpoch} on`;
    case 'manifest':
      return `${leaf.useCase} has manifest version ${leaf.version}, ${short(leaf.digest)}`;
    case 'derived_keys':
      return `${leaf.useCase} has the keys of epoch ${leaf.epoch}, ${short(leaf.digest)}`;
    case 'round': {
      const { issued, min, target, evaluation } = decodeRoundRecord(leaf.record);
      const { useCase, epoch, slot } = decodeInfo(decodeRoundRecord(leaf.record).info);
      const what = evaluation === undefined ? 'a round' : 'a round that measures a model';
      return `${useCase} announces ${what} in slot ${slot} of epoch ${epoch}: ${issued} tokens, at least ${min}, target ${target}`;
    }
    case 'result':
      return `a round${of} published model ${short(leaf.modelOut)} from ${leaf.accepted} updates${epsilonOf(leaf)}`;
    case 'evaluation':
      return `a round${of} published what ${leaf.accepted} devices found of a model${epsilonOf(leaf)}`;
    case 'abandonment':
      return `a round${of} came to nothing: ${REASONS[leaf.reason]}`;
    case 'key_retirement':
      return `${leaf.useCase} has key ${short(leaf.keyDigest)} up to epoch ${leaf.lastEpoch} only`;
    case 'epoch_retirement':
      return `${leaf.useCase} takes no token of an epoch up to ${leaf.through}`;
    case 'restart':
      return `${leaf.useCase} begins a round with the earlier model ${short(leaf.modelDigest)}`;
  }
}

const epsilonOf = ({ epsilonMicros }: { readonly epsilonMicros: number | null }): string =>
  epsilonMicros === null ? '' : `, ε ${(epsilonMicros / 1e6).toFixed(3)} spent`;

export function decoded(bytes: Uint8Array): LogLeaf | undefined {
  try {
    return decodeLogLeaf(bytes);
  } catch {
    return undefined;
  }
}

export function uuidOf(id: Uint8Array): string {
  const hex = bytesToHex(id);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
