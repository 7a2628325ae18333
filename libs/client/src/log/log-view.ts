import { decodeLogLeaf, equalBytes, ProtocolError, type LogLeaf, type SignedTreeHead } from '#protocol';
import {
  Frontier,
  frontierNodes,
  inclusionProof,
  leafHash,
  rangeHash,
  TILE_WIDTH,
  tilesOf,
  type RangeHash,
  type Sha256,
} from '#transparency';

import type { Asker } from '../ask.js';
import { ClientError } from '../errors.js';
import type { Platform } from '../platform.js';
import type { TokenStore } from '../token-store.js';
import { fetchEntries, fetchHead, type LogAddress, type LogIdentity } from './log-source.js';
import { decodeLogState, EMPTY_LOG, encodeLogState, type EndedRound, type LogState } from './log-state.js';
import { advance, type LoggedRound, type UseCaseHistory } from './use-case-history.js';

const STATE = 'log';
/** Ended rounds kept for an audit at most: a device that never audits does not grow for ever. */
const MOST_ENDED = 1000;

export interface LogViewParts {
  readonly store: TokenStore;
  readonly asker: Asker;
  readonly sha256: Sha256;
  readonly address: LogAddress;
  readonly identity: LogIdentity;
  readonly useCase: string;
}

/** What a device asks of the log it has read. */
export type ReadLog = Pick<LogView, 'address' | 'identity' | 'head' | 'history' | 'ended' | 'sync' | 'forgetEnded'>;

/** Leaves that a device has read since its last head, with what it knew before: enough for proofs of them. */
interface News {
  readonly from: number;
  readonly leaves: readonly Uint8Array[];
  readonly frontier: Frontier;
  readonly range: RangeHash;
}

/**
 * The log as this device has read it, from its first leaf on. Whoever reads every leaf needs no proof
 * from anybody: the device computes the root itself and compares it with the signed head. Requests name
 * the public head and whole tiles, never a leaf, a size or anything of its own.
 */
export class LogView {
  #state: LogState;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly parts: LogViewParts,
    state: LogState,
  ) {
    this.#state = state;
  }

  /** @throws ClientError `damaged_store` */
  static async open(parts: LogViewParts): Promise<LogView> {
    const bytes = await parts.store.read(STATE);
    return new LogView(parts, bytes === undefined ? EMPTY_LOG : decodeLogState(bytes));
  }

  static of(
    platform: Pick<Platform, 'store' | 'http' | 'clock' | 'random' | 'hashes' | 'verify'>,
    plan: Pick<LogViewParts, 'address' | 'identity' | 'useCase'>,
  ): Promise<LogView> {
    const asker = { ...platform, http: platform.http.coordinator };
    return LogView.open({ ...plan, asker, store: platform.store, sha256: (bytes) => platform.hashes.sha256(bytes) });
  }

  get address(): LogAddress {
    return this.parts.address;
  }

  get identity(): LogIdentity {
    return this.parts.identity;
  }

  get history(): UseCaseHistory {
    return this.#state.history;
  }

  get head(): SignedTreeHead | undefined {
    return this.#state.head;
  }

  /** Rounds of the use case that have ended, oldest first, and were not audited yet. */
  get ended(): readonly EndedRound[] {
    return this.#state.ended;
  }

  /**
   * Reads the log up to its latest head. Durable when it resolves.
   *
   * @throws ClientError `split_view`, `untrusted_log`, and those of `ask`; then nothing has changed
   */
  sync(): Promise<void> {
    return this.#inTurn(async () => {
      const { address, asker, identity } = this.parts;
      const head = await fetchHead(asker, address, identity);
      checkAgainst(this.#state.head, head);
      if (head.size > this.#state.size) await this.#keep(await this.#read(head));
      else if (this.#state.head === undefined) throw splitView('the log is empty', [head]);
      const [fault] = this.#state.history.faults;
      if (fault !== undefined) throw new ClientError('untrusted_log', `leaf ${fault.position} is ${fault.what}`);
    });
  }

  /** To be called when an audit has said what became of these. */
  forgetEnded(audited: readonly EndedRound[]): Promise<void> {
    return this.#inTurn(() =>
      this.#keep({ ...this.#state, ended: this.#state.ended.filter((round) => !audited.includes(round)) }),
    );
  }

  async #read(head: SignedTreeHead): Promise<LogState> {
    const news = await this.#readLeaves(head);
    if (!equalBytes(news.frontier.root(), head.root)) {
      throw splitView('the leaves served are not those of the signed head', [head, ...this.#heads]);
    }
    const state = { ...this.#state, size: head.size, hashes: news.frontier.hashes, head: mutable(head) };
    return this.#learn(state, news, head);
  }

  async #readLeaves({ size, ...rest }: SignedTreeHead): Promise<News> {
    const { address, asker, sha256 } = this.parts;
    const { size: from, hashes } = this.#state;
    const frontier = new Frontier(sha256, { size: from, hashes });
    const known = new Map(frontierNodes(from).map((node, i) => [rangeOf(node), hashes[i]!]));
    const leaves: Uint8Array[] = [];
    for (const tile of tilesOf(from, size)) {
      const entries = await fetchEntries(asker, address, tile);
      const [first, end] = [Math.max(from, tile * TILE_WIDTH), Math.min(size, (tile + 1) * TILE_WIDTH)];
      const wanted = entries.slice(first - tile * TILE_WIDTH, end - tile * TILE_WIDTH);
      if (wanted.length < end - first)
        throw splitView('leaves of the signed head are withheld', [{ size, ...rest }, ...this.#heads]);
      for (const leaf of wanted) frontier.append(leafHash(sha256, leaf));
      leaves.push(...wanted);
    }
    const range = rangeHash(sha256, (start, end) => {
      const leaf = end - start === 1 ? leaves[start - from] : undefined;
      return known.get(`${start}-${end}`) ?? (leaf && leafHash(sha256, leaf));
    });
    return { from, leaves, frontier, range };
  }

  /** What the leaves say of this use case. With each end goes its proof: asking for it later would name it. */
  #learn(state: LogState, { from, leaves, range }: News, head: SignedTreeHead): LogState {
    const { sha256, useCase } = this.parts;
    let { history } = state;
    const ended = [...state.ended];
    leaves.forEach((bytes, i) => {
      const position = from + i;
      const leaf = readLeaf(bytes);
      if (leaf === undefined) return;
      history = advance(history, leaf, { useCase, position, sha256 });
      const round = endedBy(history, leaf);
      if (round === undefined) return;
      const path = inclusionProof(range, position, head.size);
      ended.push({ round, leaf: bytes, position, path, head: mutable(head) });
    });
    return { ...state, history: withoutOldRounds(history), ended: ended.slice(-MOST_ENDED) };
  }

  get #heads(): SignedTreeHead[] {
    return this.#state.head === undefined ? [] : [this.#state.head];
  }

  async #keep(state: LogState): Promise<void> {
    await this.parts.store.write(STATE, encodeLogState(state));
    this.#state = state;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

/** One log has one head of each moment, one root of each size, and only ever grows. */
function checkAgainst(last: SignedTreeHead | undefined, head: SignedTreeHead): void {
  if (last === undefined) return;
  const sameRoot = equalBytes(head.root, last.root);
  const rules: readonly (readonly [boolean, string])[] = [
    [head.size >= last.size, `the log had ${last.size} leaves and now has ${head.size}`],
    [head.size !== last.size || sameRoot, `two logs of ${head.size} leaves`],
    [head.timestamp !== last.timestamp || head.size === last.size, 'two heads of one moment'],
    [head.timestamp >= last.timestamp || head.size === last.size, 'a larger log of an earlier moment'],
  ];
  for (const [holds, what] of rules) if (!holds) throw splitView(what, [last, head]);
}

const splitView = (what: string, heads: readonly SignedTreeHead[]): ClientError =>
  new ClientError('split_view', `this is not the log of before, or not everybody's: ${what}`, { heads });

/** Kinds that this version does not know say nothing to it. */
function readLeaf(bytes: Uint8Array): LogLeaf | undefined {
  try {
    return decodeLogLeaf(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function endedBy({ rounds }: UseCaseHistory, leaf: LogLeaf): LoggedRound | undefined {
  if (leaf.kind !== 'result' && leaf.kind !== 'evaluation' && leaf.kind !== 'abandonment') return undefined;
  return rounds.find(({ recordDigest }) => equalBytes(recordDigest, leaf.recordDigest));
}

/** Those of past epochs are over for good: no device believes a record of one. */
function withoutOldRounds(history: UseCaseHistory): UseCaseHistory {
  const latest = Math.max(...history.rounds.map(({ epoch }) => epoch));
  return { ...history, rounds: history.rounds.filter(({ epoch, end }) => epoch >= latest - 1 || end === undefined) };
}

const rangeOf = ({ level, index }: { readonly level: number; readonly index: number }): string =>
  `${index * 2 ** level}-${(index + 1) * 2 ** level}`;

const mutable = (head: SignedTreeHead): NonNullable<LogState['head']> => ({ ...head });
