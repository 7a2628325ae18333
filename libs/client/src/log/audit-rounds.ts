import { bytesToHex } from '@noble/hashes/utils.js';

import type { Hashes } from '#credential';
import { decodeHeader, decodeLogLeaf, equalBytes, type ResultLeaf } from '#protocol';
import { inclusionProof, leafHash, merkleRoot, rangesOf } from '#transparency';

import type { Asker } from '../ask.js';
import { ClientError } from '../errors.js';
import type { SentUpdate } from '../wallet-state.js';
import type { Wallet } from '../wallet.js';
import { toHexPath, type CountedProof } from './counted-proof.js';
import { fetchAcceptedList, headReply, isInOrder, uuidOf } from './log-source.js';
import type { EndedRound } from './log-state.js';
import type { ReadLog } from './log-view.js';

/**
 * What became of a round:
 *   counted      this device's update is in the accepted list
 *   not_counted  it was acknowledged and is not in it; where a target cut the list this is nobody's fault
 *   not_mine     this device sent it none, or got no answer
 *   abandoned    nobody's update was counted
 */
export type RoundOutcome = 'counted' | 'not_counted' | 'not_mine' | 'abandoned';

export interface AuditedRound {
  readonly roundId: string;
  readonly epoch: number;
  readonly slot: number;
  readonly useNo: number;
  readonly outcome: RoundOutcome;
  /** counted: to be shown to others, if the device wants to */
  readonly proof?: CountedProof;
}

/**
 * Looks at every round that ended since the last audit, whether this device took part or not, so that no
 * request says which. Each accepted list must have the root that the log names.
 *
 * @throws ClientError `unlogged` where a list is another than the log's, and those of `ask`; what was audited before stays so
 */
export async function auditRounds(
  asker: Asker & { readonly hashes: Hashes },
  log: ReadLog,
  wallet: Wallet,
): Promise<AuditedRound[]> {
  await log.sync();
  const audited: AuditedRound[] = [];
  for (const ended of log.ended) {
    const sent = wallet.sent.filter(({ header }) =>
      equalBytes(decodeHeader(header).recordDigest, ended.round.recordDigest),
    );
    audited.push(await auditOne(asker, log, ended, sent));
    await log.forgetEnded([ended]);
    await wallet.forgetSent(sent);
  }
  return audited;
}

async function auditOne(
  asker: Asker & { readonly hashes: Hashes },
  log: ReadLog,
  ended: EndedRound,
  [mine]: readonly SentUpdate[],
): Promise<AuditedRound> {
  const { roundId, epoch, slot, useNo } = ended.round;
  const round = { roundId: uuidOf(roundId), epoch, slot, useNo };
  const leaf = decodeLogLeaf(ended.leaf);
  if (leaf.kind !== 'result' && leaf.kind !== 'evaluation') return { ...round, outcome: 'abandoned' };
  const list = await fetchAcceptedList(asker, log.address, roundId);
  const sha256 = (bytes: Uint8Array): Uint8Array => asker.hashes.sha256(bytes);
  checkList(list, leaf, { roundId: round.roundId, root: merkleRoot(sha256, list) });
  if (mine === undefined) return { ...round, outcome: 'not_mine' };
  const digest = sha256(mine.header);
  const index = list.findIndex((one) => equalBytes(one, digest));
  if (index < 0) return { ...round, outcome: 'not_counted' };
  const ranges = rangesOf(
    sha256,
    list.map((one) => leafHash(sha256, one)),
  );
  const accepted = { index, path: toHexPath(inclusionProof(ranges, index, list.length)) };
  return { ...round, outcome: 'counted', proof: proofOf(log, ended, { header: mine.header, accepted }) };
}

/** Sorted, so that one list has one root; complete, and the one that the log names. */
function checkList(
  list: readonly Uint8Array[],
  { accepted, acceptedRoot }: Pick<ResultLeaf, 'accepted' | 'acceptedRoot'>,
  { roundId, root }: { readonly roundId: string; readonly root: Uint8Array },
): void {
  if (isInOrder(list) && list.length === accepted && equalBytes(root, acceptedRoot)) return;
  throw new ClientError('unlogged', `the accepted list of round ${roundId} is not the one that the log names`);
}

function proofOf(
  { identity }: ReadLog,
  { leaf, position, path, head }: EndedRound,
  update: { readonly header: Uint8Array; readonly accepted: CountedProof['accepted'] },
): CountedProof {
  return {
    starling: 'counted-v1',
    audience: identity.audience,
    header: bytesToHex(update.header),
    accepted: update.accepted,
    result: { leaf: bytesToHex(leaf), position, path: toHexPath(path) },
    head: headReply(head),
    logKey: bytesToHex(identity.logKey),
  };
}
