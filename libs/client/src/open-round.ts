import { hexToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';

import type { Hashes } from '#credential';
import { decodeInfo, decodeRoundRecord, equalBytes, hasPromisedClip, RoundId, type RoundRecord } from '#protocol';

import { ask, type Asker } from './ask.js';
import { ClientError } from './errors.js';
import { isCurrentEpoch } from './floors.js';
import { infoAt } from './issuance-context.js';
import type { PinnedManifest } from './pinned-manifest.js';

/** A round this device may believe: its record contradicts nothing in the manifest. */
export interface OpenRound {
  readonly roundId: string;
  readonly epoch: number;
  readonly slot: number;
  /** which use of the slot's token, from 0 */
  readonly useNo: number;
  readonly record: RoundRecord;
  /** SHA-256 of the record's bytes */
  readonly recordDigest: Uint8Array;
  /** when it opened by this device's clock, unix ms */
  readonly openedAt: number;
}

const OpenRoundReply = z.object({
  roundId: RoundId,
  record: z
    .string()
    .max(4096)
    .regex(/^([0-9a-f]{2})+$/),
  openForMs: z.number().min(0),
});

/**
 * Asks which round is open.
 *
 * @returns undefined when none is
 * @throws ClientError `bad_round`, `unknown_manifest`, and those of `ask`
 */
export async function fetchOpenRound(
  asker: Asker & { readonly hashes: Hashes },
  coordinator: string,
  pinned: PinnedManifest,
): Promise<OpenRound | undefined> {
  const question = () => ({ url: `${coordinator}/v1/use-cases/${pinned.manifest.useCase}/round` });
  try {
    const { roundId, record, openForMs } = await ask(asker, question, OpenRoundReply);
    const openedAt = asker.clock.now() - openForMs;
    const round = checkRound(hexToBytes(record), { roundId, openedAt }, pinned, asker.hashes);
    if (isCurrentEpoch(pinned.manifest, round.epoch, asker.clock.now())) return round;
    throw new ClientError('bad_round', `round ${roundId} is of epoch ${round.epoch}, which is not now`);
  } catch (error) {
    if (error instanceof ClientError && error.refusal?.code === 'no_open_round') return undefined;
    throw error;
  }
}

/** @throws ClientError `bad_round`, `unknown_manifest` */
export function checkRound(
  bytes: Uint8Array,
  { roundId, openedAt }: Pick<OpenRound, 'roundId' | 'openedAt'>,
  pinned: PinnedManifest,
  hashes: Hashes,
): OpenRound {
  const { record, epoch, slot } = decode(bytes);
  const { manifest, digest, formerDigest } = pinned;
  if (![digest, formerDigest].some((known) => known !== undefined && equalBytes(record.manifestDigest, known))) {
    throw new ClientError(
      'unknown_manifest',
      `the round record of ${roundId} names another manifest than the pinned one`,
    );
  }
  const rules: readonly (readonly [boolean, string])[] = [
    [equalBytes(record.info, infoAt(manifest, epoch, slot)), 'is of another use case or suite'],
    [slot < manifest.slots, 'lies beyond the slots of an epoch'],
    [record.useNo < manifest.reuse, 'asks for a use that tokens do not have'],
    [equalBytes(record.roundId, hexToBytes(roundId.replaceAll('-', ''))), 'has another id than its announcement'],
    [record.jitterMs === manifest.jitterMs, 'spreads submissions otherwise than the manifest'],
    [hasPromisedClip(record, manifest), 'clips updates otherwise than the manifest'],
    [record.min >= manifest.kMin && record.target >= record.min, 'would do with fewer updates than the manifest'],
  ];
  for (const [holds, what] of rules) {
    if (!holds) throw new ClientError('bad_round', `the round record of ${roundId} ${what}`);
  }
  return { roundId, openedAt, epoch, slot, useNo: record.useNo, record, recordDigest: hashes.sha256(bytes) };
}

function decode(bytes: Uint8Array): { record: RoundRecord; epoch: number; slot: number } {
  try {
    const record = decodeRoundRecord(bytes);
    const { epoch, slot } = decodeInfo(record.info);
    return { record, epoch, slot };
  } catch (cause) {
    throw new ClientError('bad_round', 'the round record cannot be read', { cause });
  }
}
