import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import {
  consistencyProof,
  Frontier,
  frontierNodes,
  inclusionProof,
  leafHash,
  merkleRoot,
  nodeHash,
  rangeHash,
  rangesOf,
  tilesOf,
  tileWidth,
  verifyConsistency,
  verifyInclusion,
} from './index.js';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const leafAt = (i: number): Uint8Array => Uint8Array.of(i >> 8, i & 255, 7);
const hashes = (n: number): Uint8Array[] => Array.from({ length: n }, (_, i) => leafHash(sha256, leafAt(i)));
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** Repeatable numbers in [0, n). */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

/** The definition itself, split by split: what everything else is compared with. */
function rootByDefinition(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length <= 1) return leaves[0] ?? sha256(new Uint8Array());
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(sha256, rootByDefinition(leaves.slice(0, k)), rootByDefinition(leaves.slice(k)));
}

const ALL = hashes(5000);
const roots = (() => {
  const frontier = new Frontier(sha256);
  return [frontier.root(), ...ALL.map((hash) => (frontier.append(hash), frontier.root()))];
})();
const range = rangesOf(sha256, ALL);
/** Proofs in large trees want stored subtrees; here they are remembered. */
const seen = new Map<string, Uint8Array>();
const quick = (start: number, end: number): Uint8Array => {
  const name = `${start}-${end}`;
  const hash =
    seen.get(name) ?? rangeHash(sha256, (a, b) => (b - a === 1 ? ALL[a] : seen.get(`${a}-${b}`)))(start, end);
  seen.set(name, hash);
  return hash;
};

describe('a frontier', () => {
  // Kills: a root folded from the wrong end, or subtrees merged before both are complete.
  it('[LOG2] has the root of the definition after each of 130 appends, and so has one that was stored and taken up again', () => {
    let frontier = new Frontier(sha256);
    for (let n = 0; n <= 130; n++) {
      expect(hex(frontier.root())).toBe(hex(rootByDefinition(ALL.slice(0, n))));
      frontier = new Frontier(sha256, { size: frontier.size, hashes: frontier.hashes.map((hash) => hash.slice()) });
      frontier.append(ALL[n]!);
    }
  });

  it('[LOG2] completes exactly the subtrees that its nodes are named by', () => {
    const frontier = new Frontier(sha256);
    const nodes = new Map<string, string>();
    for (let n = 0; n < 200; n++) {
      expect(frontierNodes(n).map(({ level, index }) => nodes.get(`${level}/${index}`))).toEqual(
        frontier.hashes.map(hex),
      );
      for (const { level, index, hash } of frontier.append(ALL[n]!)) nodes.set(`${level}/${index}`, hex(hash));
    }
    for (const [name, hash] of nodes) {
      const [level, index] = name.split('/').map(Number) as [number, number];
      expect(hash).toBe(hex(range(index * 2 ** level, (index + 1) * 2 ** level)));
    }
  });

  it.each([
    ['a hash too few', { size: 3, hashes: [ALL[0]!] }],
    ['a hash too many', { size: 4, hashes: [ALL[0]!, ALL[1]!] }],
    ['a short hash', { size: 1, hashes: [new Uint8Array(31)] }],
    ['a size that is no number of leaves', { size: 1.5, hashes: [ALL[0]!] }],
  ])('[LOG2] of %s is refused', (_, stored) => {
    expect(() => new Frontier(sha256, stored)).toThrow('do not make a tree');
  });
});

describe('proofs', () => {
  // Kills: an index or size off by one anywhere in making or checking.
  it('[LOG3] of inclusion hold for every leaf of every tree of up to 64, and for that leaf alone', () => {
    for (let size = 1; size <= 64; size++) {
      for (let index = 0; index < size; index++) {
        const path = inclusionProof(range, index, size);
        const proof = { hash: ALL[index]!, index, size, path, root: roots[size]! };
        expect(verifyInclusion(sha256, proof)).toBe(true);
        const other = (index + 1) % size;
        if (size > 1) expect(verifyInclusion(sha256, { ...proof, index: other })).toBe(false);
        expect(verifyInclusion(sha256, { ...proof, hash: ALL[size]! })).toBe(false);
      }
    }
  });

  it('[LOG3] of consistency hold between all trees of up to 64, and for the earlier root alone', () => {
    for (let size = 1; size <= 64; size++) {
      for (let first = 1; first <= size; first++) {
        const path = consistencyProof(range, first, size);
        const proof = { first, firstRoot: roots[first]!, size, root: roots[size]!, path };
        expect(verifyConsistency(sha256, proof)).toBe(true);
        expect(verifyConsistency(sha256, { ...proof, firstRoot: roots[first - 1]! })).toBe(false);
        if (first < size) expect(verifyConsistency(sha256, { ...proof, root: roots[size + 1]! })).toBe(false);
      }
    }
  });

  // Kills: a check that skips a hash, takes a shorter or longer path, or ignores one of its arguments.
  it('[LOG3] 10,000 random ones in trees of up to 5,000 hold, and none of their forgeries does', () => {
    const random = numbers(9162);
    let held = 0;
    let forged = 0;
    for (let i = 0; i < 5000; i++) {
      const size = 1 + random(5000);
      const index = random(size);
      const inclusion = {
        hash: ALL[index]!,
        index,
        size,
        path: inclusionProof(quick, index, size),
        root: roots[size]!,
      };
      held += Number(verifyInclusion(sha256, inclusion));
      const { path } = inclusion;
      const at = random(Math.max(1, path.length));
      for (const forgery of [
        { ...inclusion, hash: flipped(inclusion.hash, random(256)) },
        { ...inclusion, root: flipped(inclusion.root, random(256)) },
        {
          ...inclusion,
          path: path.map((hash, j) => (j === at ? flipped(hash, random(256)) : hash)),
          index: path.length === 0 ? 1 : index,
        },
        { ...inclusion, path: path.length === 0 ? [ALL[0]!] : path.slice(0, -1) },
        { ...inclusion, path: [...path, ALL[0]!] },
        { ...inclusion, root: roots[(size % 5000) + 1]! },
      ])
        forged += Number(verifyInclusion(sha256, forgery));
    }
    for (let i = 0; i < 5000; i++) {
      const size = 1 + random(5000);
      const first = 1 + random(size);
      const path = consistencyProof(quick, first, size);
      const consistency = { first, firstRoot: roots[first]!, size, root: roots[size]!, path };
      held += Number(verifyConsistency(sha256, consistency));
      const at = random(Math.max(1, path.length));
      for (const forgery of [
        { ...consistency, firstRoot: flipped(consistency.firstRoot, random(256)) },
        { ...consistency, root: flipped(consistency.root, random(256)) },
        {
          ...consistency,
          path: path.length === 0 ? [ALL[0]!] : path.map((hash, j) => (j === at ? flipped(hash, random(256)) : hash)),
        },
        { ...consistency, path: [...path, ALL[0]!] },
        { ...consistency, first: 0 },
        { ...consistency, first: size + 1 },
      ])
        forged += Number(verifyConsistency(sha256, forgery));
    }
    expect({ held, forged }).toEqual({ held: 10_000, forged: 0 });
  });

  it('[LOG3] of what a tree does not have are not made', () => {
    expect(() => inclusionProof(range, 3, 3)).toThrow('no leaf 3');
    expect(() => inclusionProof(range, -1, 3)).toThrow('no leaf -1');
    expect(() => consistencyProof(range, 0, 3)).toThrow('no tree of 0');
    expect(() => consistencyProof(range, 4, 3)).toThrow('no tree of 4');
  });

  // Kills: needing the leaves of before: a device keeps a frontier, not a log.
  it('[LOG3] of new leaves are made from the old frontier and the new leaves alone', () => {
    for (const [old, size] of [
      [0, 9],
      [1, 2],
      [5, 13],
      [8, 9],
      [37, 70],
      [64, 131],
    ] as const) {
      const before = new Frontier(sha256);
      for (const hash of ALL.slice(0, old)) before.append(hash);
      const known = new Map(
        frontierNodes(old).map(({ level, index }, i) => [
          `${index * 2 ** level}-${(index + 1) * 2 ** level}`,
          before.hashes[i]!,
        ]),
      );
      const sparse = rangeHash(
        sha256,
        (start, end) => known.get(`${start}-${end}`) ?? (end - start === 1 && start >= old ? ALL[start] : undefined),
      );
      for (let index = old; index < size; index++) {
        expect(inclusionProof(sparse, index, size).map(hex)).toEqual(inclusionProof(range, index, size).map(hex));
      }
    }
  });

  it('[LOG3] the root of a list is the root of its frontier', () => {
    const leaves = Array.from({ length: 100 }, (_, i) => leafAt(i));
    expect(hex(merkleRoot(sha256, leaves))).toBe(hex(roots[100]));
  });
});

describe('tiles', () => {
  it.each([
    { from: 0, size: 0, tiles: [] },
    { from: 0, size: 1, tiles: [0] },
    { from: 255, size: 256, tiles: [0] },
    { from: 256, size: 256, tiles: [] },
    { from: 255, size: 257, tiles: [0, 1] },
    { from: 600, size: 1025, tiles: [2, 3, 4] },
  ])('[LOG4] of the leaves from $from to $size are $tiles', ({ from, size, tiles }) => {
    expect(tilesOf(from, size)).toEqual(tiles);
  });

  it.each([
    { level: 0, index: 0, size: 0, width: 0 },
    { level: 0, index: 0, size: 255, width: 255 },
    { level: 0, index: 1, size: 256, width: 0 },
    { level: 0, index: 3, size: 5000, width: 256 },
    { level: 1, index: 0, size: 511, width: 1 },
    { level: 1, index: 0, size: 5000, width: 19 },
    { level: 2, index: 0, size: 65_535, width: 0 },
    { level: 2, index: 0, size: 131_072, width: 2 },
  ])('[LOG4] $level/$index of $size leaves has $width hashes', ({ level, index, size, width }) => {
    expect(tileWidth(level, index, size)).toBe(width);
  });
});
