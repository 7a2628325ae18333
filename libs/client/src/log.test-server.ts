import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToHex } from '@noble/hashes/utils.js';

import {
  encodeEntries,
  encodeLogLeaf,
  ProtocolError,
  treeHeadMessage,
  type LogLeaf,
  type SignedTreeHead,
} from '#protocol';
import { leafHash, merkleRoot, rangesOf, TILE_WIDTH } from '#transparency';

import { headReply } from './log/log-source.js';
import { nodeHashes } from './node/node-hashes.js';

const ORIGIN = 1_700_000_000_000;

/** A transparency log in memory, with a head for each of its sizes; it can be forked and rewritten. */
export class TestLog {
  /** leaves that the heads do not cover */
  hidden = 0;

  constructor(
    readonly audience: string,
    private readonly secretKey: Uint8Array,
    readonly leaves: Uint8Array[] = [],
    /** accepted lists, by round id in hex */
    readonly lists = new Map<string, Uint8Array[]>(),
  ) {}

  get publicKey(): Uint8Array {
    return ed25519.getPublicKey(this.secretKey);
  }

  add(...leaves: readonly LogLeaf[]): void {
    this.leaves.push(...leaves.map((leaf) => encodeLogLeaf(leaf)));
  }

  /** Another log under the same key that begins like this one. */
  fork(): TestLog {
    return new TestLog(this.audience, this.secretKey, [...this.leaves], new Map(this.lists));
  }

  head(size: number = this.leaves.length - this.hidden): SignedTreeHead {
    const root = merkleRoot((bytes) => nodeHashes.sha256(bytes), this.leaves.slice(0, size));
    const head = { size, root, timestamp: ORIGIN + 500 * size };
    return { ...head, signature: ed25519.sign(treeHeadMessage(this.audience, head), this.secretKey) };
  }

  /** @returns undefined where the address is none of the log's */
  answer(path: string): object | Uint8Array | undefined {
    const [, entries] = /^\/v1\/log\/entries\/(\d+)$/.exec(path) ?? [];
    const [, roundId] = /^\/v1\/rounds\/([0-9a-f-]{36})\/accepted$/.exec(path) ?? [];
    if (path === '/v1/log/head' && this.hidden === this.leaves.length) throw new ProtocolError('not_found', 'empty');
    if (path === '/v1/log/head') return headReply(this.head());
    if (path === '/v1/log/heads/0')
      return Array.from({ length: this.leaves.length }, (_, i) => headReply(this.head(i + 1)));
    if (entries !== undefined) return this.#tile(Number(entries));
    if (roundId === undefined) return undefined;
    const list = this.lists.get(roundId.replaceAll('-', ''));
    if (list === undefined) throw new ProtocolError('not_found', path);
    return Uint8Array.from(Buffer.concat(list));
  }

  /** Ends a round: with these updates, or without any; with no model of its own where it measured one. */
  end(
    { recordDigest, roundId }: { readonly recordDigest: Uint8Array; readonly roundId: Uint8Array },
    result?: { readonly headers: readonly Uint8Array[]; readonly modelOut?: Uint8Array },
  ): void {
    if (result === undefined) return this.add({ kind: 'abandonment', recordDigest, reason: 'too_few' });
    const list = result.headers.map((header) => nodeHashes.sha256(header)).sort((a, b) => Buffer.compare(a, b));
    this.lists.set(bytesToHex(roundId), list);
    const acceptedRoot = merkleRoot((bytes) => nodeHashes.sha256(bytes), list);
    const { modelOut } = result;
    const common = { recordDigest, acceptedRoot, accepted: list.length, epsilonMicros: null };
    if (modelOut === undefined) return this.add({ kind: 'evaluation', ...common, lossSum: 1, accuracySum: 1 });
    this.add({ kind: 'result', ...common, aggregateDigest: new Uint8Array(32), modelOut });
  }

  #tile(tile: number): Uint8Array {
    const size = this.leaves.length - this.hidden;
    return encodeEntries(this.leaves.slice(0, size).slice(tile * TILE_WIDTH, (tile + 1) * TILE_WIDTH));
  }

  /** Ranges of its leaves, for proofs. */
  get range() {
    const sha256 = (bytes: Uint8Array): Uint8Array => nodeHashes.sha256(bytes);
    return rangesOf(
      sha256,
      this.leaves.map((leaf) => leafHash(sha256, leaf)),
    );
  }
}
