import { decodeInfo } from './info.js';
import type { LogLeaf } from './log-leaf.js';
import { decodeRoundRecord } from './round-record.js';

/**
 * What a leaf is the only one about: a log that has two of one subject contradicts itself. Text, of
 * printable ASCII.
 */
export function subjectOf(leaf: LogLeaf): string {
  switch (leaf.kind) {
    case 'key':
      return `key ${leaf.useCase} from ${leaf.firstEpoch}`;
    case 'manifest':
      return `manifest ${leaf.useCase} ${leaf.version}`;
    case 'derived_keys':
      return `derived keys ${leaf.useCase} ${leaf.epoch}`;
    case 'round': {
      const { info, useNo } = decodeRoundRecord(leaf.record);
      const { useCase, epoch, slot } = decodeInfo(info);
      return `round ${useCase} ${epoch}/${slot}/${useNo}`;
    }
    case 'result':
    case 'abandonment':
    case 'evaluation':
      return `end ${hexOf(leaf.recordDigest)}`;
    case 'key_retirement':
      return `key retirement ${leaf.useCase} ${hexOf(leaf.keyDigest)}`;
    case 'epoch_retirement':
      return `epoch retirement ${leaf.useCase} ${leaf.through}`;
    case 'restart':
      return `restart ${leaf.useCase} ${hexOf(leaf.roundId)}`;
  }
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
