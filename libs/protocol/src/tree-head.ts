import { asciiBytes, ByteWriter } from './bytes.js';

/** The transparency log at one moment of its public schedule. */
export interface TreeHead {
  /** leaves */
  readonly size: number;
  /** RFC 9162's Merkle tree hash of them, 32 bytes */
  readonly root: Uint8Array;
  /** unix ms by the database's clock, a multiple of the log's interval */
  readonly timestamp: number;
}

/** A tree head under the log's key, and, where it came from a witness, under the witness's too. */
export interface SignedTreeHead extends TreeHead {
  /** Ed25519 over `treeHeadMessage`, 64 bytes */
  readonly signature: Uint8Array;
  /** Ed25519 of the witness over `cosignatureMessage`, 64 bytes */
  readonly cosignature?: Uint8Array | undefined;
}

const HEAD = asciiBytes('starling-tree-head-v1');
const COSIGNATURE = asciiBytes('starling-cosignature-v1');

/** "starling-tree-head-v1" ‖ LP(audience) ‖ u64(size) ‖ root(32) ‖ u64(timestamp): what the log signs. */
export const treeHeadMessage = (audience: string, head: TreeHead): Uint8Array => message(HEAD, audience, head);

/** The same under a prefix of its own: "I have followed this log up to here, and it only ever grew." */
export const cosignatureMessage = (audience: string, head: TreeHead): Uint8Array =>
  message(COSIGNATURE, audience, head);

const message = (prefix: Uint8Array, audience: string, { size, root, timestamp }: TreeHead): Uint8Array =>
  new ByteWriter().raw(prefix).text(audience).uint(size, 8).fixed(root, 32).uint(timestamp, 8).done();
