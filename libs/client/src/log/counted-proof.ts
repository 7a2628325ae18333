import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';

import { decodeHeader, decodeLogLeaf, equalBytes, hex, TreeHeadReply, type SubmissionHeader } from '#protocol';
import { leafHash, verifyInclusion, type Sha256 } from '#transparency';

import { isSignedHead, toHead, type LogIdentity } from './log-source.js';

const index = z.int().min(0);
const someHex = z.string().regex(/^([0-9a-f]{2})+$/);

/**
 * "My update was counted", for anybody to check: the update's header is in the accepted list, the list's
 * root is in the round's result, the result is in the log, and the log's head is signed. It carries the
 * token, which is spent, and nothing that names the device; but whoever sees the device's name beside it
 * knows whose update this was.
 */
export const CountedProof = z.strictObject({
  starling: z.literal('counted-v1'),
  audience: z.string(),
  /** H, what the device signed its update with */
  header: someHex,
  accepted: z.strictObject({ index, path: z.array(hex(32)) }),
  result: z.strictObject({ leaf: someHex, position: index, path: z.array(hex(32)) }),
  head: TreeHeadReply,
  /** the key that the head is signed with: compare it with the manifest's */
  logKey: hex(32),
});
export type CountedProof = z.infer<typeof CountedProof>;

export type CountedVerdict =
  | {
      readonly holds: true;
      readonly header: SubmissionHeader;
      /** updates in the round */
      readonly accepted: number;
      /** null where the round measured a model */
      readonly modelOut: Uint8Array | null;
    }
  | { readonly holds: false; readonly why: string };

/**
 * Checks a proof, step by step.
 *
 * @param logKey  of the deployment's manifest, hex; without it the proof's own is believed, and only says that
 *   whoever has that key says so
 */
export function verifyCounted(sha256: Sha256, proof: CountedProof, logKey: string = proof.logKey): CountedVerdict {
  const no = (why: string): CountedVerdict => ({ holds: false, why });
  const decoded = decode(proof);
  if (decoded === undefined) return no('it holds no header or no result');
  const { header, leaf } = decoded;
  if (leaf.kind !== 'result' && leaf.kind !== 'evaluation')
    return no(`leaf ${proof.result.position} is no result of a round`);
  if (!equalBytes(leaf.recordDigest, header.recordDigest)) return no('the result is of another round');
  if (header.audience !== proof.audience) return no('the update is for another deployment');
  const headerDigest = sha256(hexToBytes(proof.header));
  const inList = { ...proof.accepted, size: leaf.accepted, root: leaf.acceptedRoot };
  if (!includes(sha256, headerDigest, inList)) return no("the update is not in the result's accepted list");
  const identity: LogIdentity = { audience: proof.audience, logKey: hexToBytes(logKey) };
  const head = toHead(proof.head);
  if (!isSignedHead(head, identity)) return no("the tree head is not signed with the log's key");
  const inLog = { index: proof.result.position, path: proof.result.path, size: head.size, root: head.root };
  if (!includes(sha256, hexToBytes(proof.result.leaf), inLog)) return no('the result is not in the log');
  return { holds: true, header, accepted: leaf.accepted, modelOut: leaf.kind === 'result' ? leaf.modelOut : null };
}

export const toHexPath = (path: readonly Uint8Array[]): string[] => path.map((hash) => bytesToHex(hash));

function includes(
  sha256: Sha256,
  leaf: Uint8Array,
  {
    path,
    ...place
  }: { readonly index: number; readonly path: readonly string[]; readonly size: number; readonly root: Uint8Array },
): boolean {
  const hash = leafHash(sha256, leaf);
  return verifyInclusion(sha256, { ...place, hash, path: path.map((one) => hexToBytes(one)) });
}

function decode({ header, result }: CountedProof) {
  try {
    return { header: decodeHeader(hexToBytes(header)), leaf: decodeLogLeaf(hexToBytes(result.leaf)) };
  } catch {
    return undefined;
  }
}
