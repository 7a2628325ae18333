import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import type { Hashes } from '#credential';
import {
  decodeInfo,
  decodeLogLeaf,
  decodeManifest,
  decodeRoundRecord,
  epochAt,
  equalBytes,
  hasPromisedClip,
  keyAt,
  type EvaluationLeaf,
  type LogLeaf,
  type Manifest,
  type ManifestLeaf,
  type RoundLeaf,
  type ResultLeaf,
  type SignedTreeHead,
} from '#protocol';
import { Frontier, leafHash, merkleRoot, TILE_WIDTH, tilesOf } from '#transparency';

import { ask, askBytes, type Asker } from '../ask.js';
import { ClientError } from '../errors.js';
import { ManifestReply } from '../pinned-manifest.js';
import { isSigned } from '../signature.js';
import { brokenRule } from '../succession.js';
import { fetchAcceptedList, fetchAllHeads, fetchEntries, isInOrder, isSignedHead, uuidOf } from './log-source.js';
import type { LogReport } from './log-report.js';
import { advance, baseOf, EMPTY_HISTORY, type Fault, type UseCaseHistory } from './use-case-history.js';

export interface AuditPlan {
  readonly coordinator: string;
  /** Ed25519, hex: the key that devices pin */
  readonly deploymentKey: string;
  /** whether to download every model; default true */
  readonly models?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

const MAX_MODEL_BYTES = 2 ** 31;

/**
 * Audits a deployment's log from its first leaf to its last, with everything it names: what one device
 * checks for itself, for all of them, and what no device can.
 *
 * @throws ClientError those of `ask`: what cannot be fetched cannot be judged
 */
export async function auditLog(asker: Asker & { readonly hashes: Hashes }, plan: AuditPlan): Promise<LogReport> {
  return new LogAuditor(asker, plan).run();
}

class LogAuditor {
  readonly #problems: Fault[] = [];
  readonly #histories = new Map<string, UseCaseHistory>();
  readonly #manifests = new Map<string, Manifest>();
  /** use cases by their models' digests */
  readonly #models = new Map<string, Set<string>>();
  readonly #records = new Map<string, { readonly roundId: Uint8Array; readonly useCase: string }>();
  #heads: readonly SignedTreeHead[] = [];
  #rounds = 0;
  #results = 0;
  #done = 0;
  #total = 0;

  constructor(
    private readonly asker: Asker & { readonly hashes: Hashes },
    private readonly plan: AuditPlan,
  ) {}

  async run(): Promise<LogReport> {
    const heads = await fetchAllHeads(this.asker, this.plan);
    const last = heads.at(-1);
    if (last === undefined) throw new ClientError('untrusted_log', 'the log has no tree head yet');
    this.#heads = heads;
    this.#total = last.size;
    const leaves = await this.#fetchLeaves(last.size);
    for (const [position, bytes] of leaves.entries()) {
      await this.#judge(position, bytes);
      this.#progress();
    }
    for (const { faults } of this.#histories.values()) this.#problems.push(...faults);
    this.#checkHeads(heads, leaves);
    if (this.plan.models !== false) await this.#checkModels(leaves.length - 1);
    return {
      leaves: leaves.length,
      heads: heads.length,
      root: bytesToHex(last.root),
      useCases: this.#histories.size,
      rounds: this.#rounds,
      results: this.#results,
      models: this.plan.models === false ? 0 : this.#models.size,
      problems: this.#problems.toSorted((a, b) => a.position - b.position),
    };
  }

  async #fetchLeaves(size: number): Promise<Uint8Array[]> {
    const leaves: Uint8Array[] = [];
    for (const tile of tilesOf(0, size)) {
      const entries = await fetchEntries(this.asker, this.plan, tile);
      leaves.push(...entries.slice(0, Math.min(TILE_WIDTH, size - leaves.length)));
    }
    if (leaves.length < size) this.#note(size - 1, `missing: the log serves ${leaves.length} leaves of ${size}`);
    return leaves;
  }

  async #judge(position: number, bytes: Uint8Array): Promise<void> {
    const leaf = this.#decode(position, bytes);
    if (leaf === undefined) return;
    const useCase = this.#useCaseOf(leaf);
    if (useCase === undefined) return this.#note(position, 'the end of a round that was never announced');
    const before = this.#histories.get(useCase) ?? EMPTY_HISTORY;
    const place = { useCase, position, sha256: this.#sha256 };
    this.#histories.set(useCase, advance(before, leaf, place));
    if (leaf.kind === 'manifest') await this.#judgeManifest(position, leaf, before);
    if (leaf.kind === 'round') this.#judgeRound(position, leaf, before);
    if (leaf.kind === 'result') this.#addModel(leaf.modelOut, useCase);
    if (leaf.kind === 'result' || leaf.kind === 'evaluation') await this.#judgeResult(position, leaf);
    if (leaf.kind === 'restart' && !this.#models.get(bytesToHex(leaf.modelDigest))?.has(useCase))
      this.#note(position, 'a restart from a model that this use case never had');
  }

  /** Signed, served under its digest, and every key of it in the log before it. */
  async #judgeManifest(position: number, leaf: ManifestLeaf, before: UseCaseHistory): Promise<void> {
    const url = `${this.plan.coordinator}/v1/manifests/${bytesToHex(leaf.digest)}`;
    const served = await ask(this.asker, () => ({ url }), ManifestReply);
    const bytes = hexToBytes(served.manifest);
    const manifest = decodeOr(() => decodeManifest(bytes));
    if (manifest === undefined) return this.#note(position, 'a manifest that breaks a rule of manifests');
    const earlier = this.#manifests.get(digestName(before.manifests.at(-1)?.digest));
    this.#manifests.set(digestName(leaf.digest), manifest);
    const { useCase, version, suite, keys, audience } = manifest;
    this.#check(position, [
      [equalBytes(this.#sha256(bytes), leaf.digest), 'a manifest whose bytes are others than the log names'],
      [
        isSigned(leaf.signature, bytes, hexToBytes(this.plan.deploymentKey), this.asker.verify),
        'a manifest that the deployment key did not sign',
      ],
      [served.signature === bytesToHex(leaf.signature), 'a manifest that is served with another signature'],
      [useCase === leaf.useCase && version === leaf.version, 'a manifest of another use case or version'],
      [
        keys.every(({ publicKey, firstEpoch }) =>
          before.keys.some(
            (key) =>
              key.firstEpoch === firstEpoch &&
              key.suite === suite &&
              equalBytes(key.keyDigest, this.#sha256(publicKey)),
          ),
        ),
        'a manifest with a key that is not in the log',
      ],
      [earlier === undefined || earlier.audience === audience, 'a manifest of another deployment than the one before'],
    ]);
    const broken = earlier && this.#brokenRule(position, earlier, manifest);
    if (broken !== undefined) this.#note(position, `a manifest that ${broken}`);
    this.#addModel(manifest.initialModel, leaf.useCase);
  }

  /** As a device judges it that holds tokens of the epoch in which it was logged, with a clock that may be an epoch slow. */
  #brokenRule(position: number, earlier: Manifest, later: Manifest): string | undefined {
    const logged = this.#heads.find(({ size }) => size > position);
    const current = epochAt(earlier, logged?.timestamp ?? 0);
    return brokenRule(earlier, later, { fetched: current, current: current + 1 });
  }

  #judgeRound(position: number, { record: bytes }: RoundLeaf, before: UseCaseHistory): void {
    const record = decodeRoundRecord(bytes);
    const { useCase, suite, epoch, slot } = decodeInfo(record.info);
    this.#rounds += 1;
    this.#records.set(digestName(this.#sha256(bytes)), { roundId: record.roundId, useCase });
    const manifest = this.#manifests.get(digestName(record.manifestDigest));
    if (manifest === undefined) return this.#note(position, 'a round under a manifest that is not in the log');
    const expected = baseOf(before, record.roundId) ?? manifest.initialModel;
    this.#check(position, [
      [
        suite === manifest.suite && useCase === manifest.useCase,
        'a round of another use case or suite than its manifest',
      ],
      [slot < manifest.slots && record.useNo < manifest.reuse, 'a round beyond the slots or uses of its manifest'],
      [record.issued >= manifest.kMin, `a round of ${record.issued} tokens, less than the ${manifest.kMin} promised`],
      [record.min >= manifest.kMin, `a round that would do with ${record.min} updates`],
      [record.jitterMs === manifest.jitterMs, 'a round that spreads submissions otherwise than its manifest'],
      [hasPromisedClip(record, manifest), 'a round that clips updates otherwise than its manifest'],
      [keyAt(manifest, epoch) !== undefined, `a round in epoch ${epoch}, for which there is no key`],
      [equalBytes(record.modelDigest, expected), 'a round that begins with neither the last result nor a restart'],
    ]);
  }

  async #judgeResult(position: number, leaf: ResultLeaf | EvaluationLeaf): Promise<void> {
    this.#results += 1;
    const { roundId } = this.#records.get(digestName(leaf.recordDigest))!;
    const list = await fetchAcceptedList(this.asker, this.plan, roundId).catch(orMissing);
    if (list === undefined) return this.#note(position, `a result without an accepted list: round ${uuidOf(roundId)}`);
    this.#check(position, [
      [list.length === leaf.accepted, `a result of ${leaf.accepted} updates with a list of ${list.length}`],
      [equalBytes(merkleRoot(this.#sha256, list), leaf.acceptedRoot), 'a result with another accepted list'],
      [isInOrder(list), 'an accepted list out of order'],
    ]);
  }

  /** Every head that was ever signed must be of these leaves, and they of one log that only grew. */
  #checkHeads(heads: readonly SignedTreeHead[], leaves: readonly Uint8Array[]): void {
    const [manifest] = this.#manifests.values();
    const frontier = new Frontier(this.#sha256);
    let [size, timestamp] = [0, 0];
    for (const head of heads) {
      const position = Math.max(0, head.size - 1);
      for (const leaf of leaves.slice(frontier.size, head.size)) frontier.append(leafHash(this.#sha256, leaf));
      this.#check(position, [
        [head.size >= size && head.timestamp > timestamp, 'the end of a tree head out of order'],
        [
          frontier.size === head.size && equalBytes(frontier.root(), head.root),
          'the end of a tree head with another root',
        ],
        [
          manifest !== undefined && isSignedHead(head, manifest, this.asker.verify),
          "the end of a tree head that the log's key did not sign",
        ],
      ]);
      ({ size, timestamp } = head);
    }
  }

  async #checkModels(position: number): Promise<void> {
    this.#total += this.#models.size;
    for (const digest of this.#models.keys()) {
      const url = `${this.plan.coordinator}/v1/models/${digest}`;
      const reply = await askBytes(this.asker, () => ({ url }), MAX_MODEL_BYTES).catch(orMissing);
      if (reply === undefined) this.#note(position, `a log with a model that cannot be had: ${digest}`);
      else if (bytesToHex(this.#sha256(reply.bytes)) !== digest)
        this.#note(position, `a log with another model than ${digest}`);
      this.#progress();
    }
  }

  #addModel(digest: Uint8Array, useCase: string): void {
    const name = bytesToHex(digest);
    this.#models.set(name, (this.#models.get(name) ?? new Set()).add(useCase));
  }

  #decode(position: number, bytes: Uint8Array): LogLeaf | undefined {
    const leaf = decodeOr(() => decodeLogLeaf(bytes));
    if (leaf === undefined) this.#note(position, 'no leaf of a kind that is known');
    return leaf;
  }

  #useCaseOf(leaf: LogLeaf): string | undefined {
    if ('useCase' in leaf) return leaf.useCase;
    if (leaf.kind === 'round') return decodeInfo(decodeRoundRecord(leaf.record).info).useCase;
    return this.#records.get(digestName(leaf.recordDigest))?.useCase;
  }

  readonly #sha256 = (bytes: Uint8Array): Uint8Array => this.asker.hashes.sha256(bytes);

  #check(position: number, rules: readonly (readonly [boolean, string])[]): void {
    for (const [holds, what] of rules) if (!holds) this.#note(position, what);
  }

  #note(position: number, what: string): void {
    this.#problems.push({ position, what });
  }

  #progress(): void {
    this.#done += 1;
    this.plan.onProgress?.(this.#done, this.#total);
  }
}

const digestName = (digest: Uint8Array | undefined): string => (digest === undefined ? '' : bytesToHex(digest));

function decodeOr<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

/** What is refused as not there is a finding; what does not answer is none. */
function orMissing(error: unknown): undefined {
  if (!(error instanceof ClientError) || error.refusal === undefined) throw error;
}
