import { bytesToHex } from '@noble/hashes/utils.js';

import { decodeManifest, equalBytes, type Manifest } from '#protocol';
import { Frontier, leafHash, TILE_WIDTH, tilesOf } from '#transparency';

import { decoded } from './leaf-words.js';
import type { Problem, RememberedLog, Verification } from './log-messages.js';
import {
  fetchAnyManifest,
  fetchHead,
  fetchLeafHashes,
  fetchLeaves,
  fetchManifest,
  isSignedHead,
  sha256,
} from './read-log.js';

type Progress = (done: number, total: number) => void;

/** Problems that are told one by one; a log with more is rotten, and the rest is counted. */
const MOST_PROBLEMS = 50;

/**
 * Reads every leaf and rebuilds the tree from them: nothing of what the coordinator says about its tree is taken for
 * granted but the head, and that must bear the signature of the log's key.
 */
export async function verifyLog(remembered: RememberedLog | null, onProgress: Progress): Promise<Verification> {
  const [head, { audience, logKey }] = [await fetchHead(), await fetchAnyManifest()];
  const reading = new Reading(head.size, remembered);
  for (const tile of tilesOf(0, head.size)) {
    reading.take(tile, await fetchLeaves(tile));
    onProgress(reading.frontier.size, head.size);
  }
  const { problems, frontier } = reading;
  const note = (what: string, position: number | null = null) => problems.push({ position, what });
  if (frontier.size < head.size) note(`The log serves ${frontier.size} leaves of ${head.size}.`);
  if (bytesToHex(frontier.root()) !== head.root) {
    note('The leaves do not make the root that the tree head says: one of them was changed, or the head was.');
    problems.push(...(await changedLeaves(reading.hashes)));
  }
  if (!isSignedHead(head, { audience, logKey })) note('The tree head does not bear the signature of the log’s key.');
  if (remembered !== null) problems.push(...reading.compare(remembered, bytesToHex(logKey)));
  problems.push(...(await checkManifests(reading.manifests, logKey)));
  return {
    size: head.size,
    root: head.root,
    logKey: bytesToHex(logKey),
    leaves: frontier.size,
    manifests: reading.manifests.length,
    since: remembered?.size ?? null,
    problems: problems.slice(0, MOST_PROBLEMS),
  };
}

class Reading {
  readonly problems: Problem[] = [];
  readonly frontier = new Frontier(sha256);
  readonly hashes: Uint8Array[] = [];
  readonly manifests: { readonly position: number; readonly digest: Uint8Array }[] = [];
  /** of the tree when it had as many leaves as are remembered */
  #rootThen: string | undefined;

  constructor(
    private readonly size: number,
    private readonly remembered: RememberedLog | null,
  ) {}

  take(tile: number, leaves: readonly Uint8Array[]): void {
    for (const leaf of leaves.slice(0, Math.max(0, this.size - tile * TILE_WIDTH))) {
      const position = this.frontier.size;
      const hash = leafHash(sha256, leaf);
      this.hashes.push(hash);
      this.frontier.append(hash);
      if (this.frontier.size === this.remembered?.size) this.#rootThen = bytesToHex(this.frontier.root());
      const fact = decoded(leaf);
      if (fact === undefined) this.problems.push({ position, what: 'It is no leaf of a kind that this page knows.' });
      if (fact?.kind === 'manifest') this.manifests.push({ position, digest: fact.digest });
    }
  }

  /** A log only grows: what this browser saw must still be how it begins. */
  compare({ size, root, logKey }: RememberedLog, keyNow: string): Problem[] {
    const found: Problem[] = [];
    if (logKey !== keyNow)
      found.push({ position: null, what: 'Its heads are signed with another key than this browser saw before.' });
    if (this.#rootThen === undefined)
      found.push({ position: null, what: `This browser has seen ${size} leaves of it, and now there are fewer.` });
    else if (this.#rootThen !== root)
      found.push({ position: null, what: `The first ${size} leaves are not those that this browser saw before.` });
    return found;
  }
}

/** Which leaves are others than the tree was made of, by the tree's own hashes. */
async function changedLeaves(hashes: readonly Uint8Array[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const tile of tilesOf(0, hashes.length)) {
    const served = await fetchLeafHashes(tile);
    for (const [i, hash] of served.entries()) {
      const position = tile * TILE_WIDTH + i;
      const ours = hashes[position];
      if (ours !== undefined && !equalBytes(ours, hash))
        problems.push({ position, what: 'It is not the leaf that the tree was made of.' });
    }
  }
  return problems;
}

async function checkManifests(
  logged: readonly { readonly position: number; readonly digest: Uint8Array }[],
  logKey: Uint8Array,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { position, digest } of logged) {
    const what = await faultOf(digest, logKey);
    if (what !== null) problems.push({ position, what });
  }
  return problems;
}

async function faultOf(digest: Uint8Array, logKey: Uint8Array): Promise<string | null> {
  const bytes = await fetchManifest(digest).catch(() => undefined);
  if (bytes === undefined) return 'The manifest that it names is not served.';
  if (!equalBytes(sha256(bytes), digest)) return 'The manifest that it names has other bytes.';
  const manifest = manifestOf(bytes);
  if (manifest === undefined) return 'The manifest that it names breaks a rule of manifests.';
  return equalBytes(manifest.logKey, logKey) ? null : 'The manifest that it names is of another log.';
}

function manifestOf(bytes: Uint8Array): Manifest | undefined {
  try {
    return decodeManifest(bytes);
  } catch {
    return undefined;
  }
}
