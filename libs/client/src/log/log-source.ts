import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';

import {
  cosignatureMessage,
  decodeEntries,
  HEADS_PER_PAGE,
  treeHeadMessage,
  TreeHeadReply,
  type SignedTreeHead,
} from '#protocol';
import { TILE_WIDTH } from '#transparency';

import { ask, askBytes, type Asker } from '../ask.js';
import { ClientError } from '../errors.js';
import { isSigned, type VerifySignature } from '../signature.js';

/** Where the log is read: entries from the coordinator, heads from there or from a witness. */
export interface LogAddress {
  readonly coordinator: string;
  readonly witness?: Witness | undefined;
}

/** Somebody else who follows the log, for many devices: what it has cosigned, all of them see. */
export interface Witness {
  /** base URL without a slash at the end */
  readonly url: string;
  /** Ed25519, hex: pinned */
  readonly publicKey: string;
}

/** What a head is checked against. */
export interface LogIdentity {
  readonly audience: string;
  /** Ed25519, 32 bytes */
  readonly logKey: Uint8Array;
}

/** 256 leaves of 64 kB at most, each behind its length */
const MAX_TILE_BYTES = TILE_WIDTH * (2 ** 16 + 2);
const MAX_LIST_BYTES = 2 ** 26;

/**
 * The latest head, from the witness where there is one.
 *
 * @throws ClientError `untrusted_log` where a signature does not hold, and those of `ask`
 */
export async function fetchHead(
  asker: Asker,
  { coordinator, witness }: LogAddress,
  identity: LogIdentity,
): Promise<SignedTreeHead> {
  const url = `${witness?.url ?? coordinator}/v1/log/head`;
  const head = toHead(await ask(asker, () => ({ url }), TreeHeadReply));
  if (!isSignedHead(head, identity, asker.verify))
    throw new ClientError('untrusted_log', "a tree head that the log's key did not sign");
  if (witness !== undefined && !isCosigned(head, identity.audience, hexToBytes(witness.publicKey), asker.verify))
    throw new ClientError('untrusted_log', 'a tree head that the pinned witness did not cosign');
  return head;
}

/** Every head that was ever signed, oldest first; signatures are not checked. */
export async function fetchAllHeads(asker: Asker, { coordinator }: LogAddress): Promise<SignedTreeHead[]> {
  const heads: SignedTreeHead[] = [];
  for (let page = 0; heads.length === page * HEADS_PER_PAGE; page++) {
    const url = `${coordinator}/v1/log/heads/${page}`;
    heads.push(...(await ask(asker, () => ({ url }), z.array(TreeHeadReply))).map(toHead));
  }
  return heads;
}

/** The leaves of one tile, as many as there are by now. */
export async function fetchEntries(asker: Asker, { coordinator }: LogAddress, tile: number): Promise<Uint8Array[]> {
  const url = `${coordinator}/v1/log/entries/${tile}`;
  const { bytes } = await askBytes(asker, () => ({ url }), MAX_TILE_BYTES);
  try {
    return decodeEntries(bytes);
  } catch (cause) {
    throw new ClientError('malformed_reply', `${new URL(url).pathname}: not a tile of the log`, { cause });
  }
}

/** The whole accepted list of a round: nobody can tell which entry was looked for, or whether any was. */
export async function fetchAcceptedList(
  asker: Asker,
  { coordinator }: LogAddress,
  roundId: Uint8Array,
): Promise<Uint8Array[]> {
  const url = `${coordinator}/v1/rounds/${uuidOf(roundId)}/accepted`;
  const { bytes } = await askBytes(asker, () => ({ url }), MAX_LIST_BYTES);
  return Array.from({ length: Math.ceil(bytes.length / 32) }, (_, i) => bytes.slice(32 * i, 32 * (i + 1)));
}

/** Whether an accepted list is sorted and names nobody twice: one cohort has one root then. */
export const isInOrder = (list: readonly Uint8Array[]): boolean =>
  list.every((one, i) => i === 0 || bytesToHex(list[i - 1]!) < bytesToHex(one));

export const isSignedHead = (
  head: SignedTreeHead,
  { audience, logKey }: LogIdentity,
  verify?: VerifySignature,
): boolean => isSigned(head.signature, treeHeadMessage(audience, head), logKey, verify);

const isCosigned = (head: SignedTreeHead, audience: string, key: Uint8Array, verify?: VerifySignature): boolean =>
  head.cosignature !== undefined && isSigned(head.cosignature, cosignatureMessage(audience, head), key, verify);

export const toHead = ({ size, root, timestamp, signature, cosignature }: TreeHeadReply): SignedTreeHead => ({
  size,
  timestamp,
  root: hexToBytes(root),
  signature: hexToBytes(signature),
  ...(cosignature === undefined ? {} : { cosignature: hexToBytes(cosignature) }),
});

export const headReply = ({ size, root, timestamp, signature, cosignature }: SignedTreeHead): TreeHeadReply => ({
  size,
  root: bytesToHex(root),
  timestamp,
  signature: bytesToHex(signature),
  ...(cosignature === undefined ? {} : { cosignature: bytesToHex(cosignature) }),
});

export const uuidOf = (roundId: Uint8Array): string =>
  bytesToHex(roundId).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
