import { TreeError } from './errors.js';
import { nodeHash, type Sha256 } from './tree-hash.js';

/** Root of the leaves [start, end): whoever makes proofs knows these, from leaves or from stored subtrees. */
export type RangeHash = (start: number, end: number) => Uint8Array;

/** Ranges of a list of leaf hashes. */
export function rangesOf(sha256: Sha256, leafHashes: readonly Uint8Array[]): RangeHash {
  return rangeHash(sha256, (start, end) => (end - start === 1 ? leafHashes[start] : undefined));
}

/** Ranges out of smaller ones that are known. @param known  undefined where a range must be split */
export function rangeHash(sha256: Sha256, known: (start: number, end: number) => Uint8Array | undefined): RangeHash {
  const range: RangeHash = (start, end) => {
    const hash = known(start, end);
    if (hash !== undefined) return hash;
    if (end - start <= 1) throw new TreeError('out_of_tree', `nothing is known of leaf ${start}`);
    const middle = start + split(end - start);
    return nodeHash(sha256, range(start, middle), range(middle, end));
  };
  return range;
}

/**
 * The hashes from which, with its own, a leaf's holder computes the root of a tree of `size` leaves.
 *
 * @see RFC 9162, section 2.1.3.1
 * @throws TreeError `out_of_tree`
 */
export function inclusionProof(range: RangeHash, index: number, size: number): Uint8Array[] {
  if (!isIndex(index, size)) throw new TreeError('out_of_tree', `no leaf ${index} in a tree of ${size}`);
  const path: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + split(end - start);
    const left = index < middle;
    path.unshift(left ? range(middle, end) : range(start, middle));
    [start, end] = left ? [start, middle] : [middle, end];
  }
  return path;
}

export interface Inclusion {
  /** of the leaf */
  readonly hash: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** Whether the leaf is in the tree with this root. @see RFC 9162, section 2.1.3.2 */
export function verifyInclusion(sha256: Sha256, { hash, index, size, path, root }: Inclusion): boolean {
  if (!isIndex(index, size)) return false;
  let [at, last, node] = [index, size - 1, hash];
  for (const sibling of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = nodeHash(sha256, sibling, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      node = nodeHash(sha256, node, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equal(node, root);
}

/**
 * The hashes that show a tree of `size` leaves to begin with the `first` leaves of an earlier one.
 *
 * @see RFC 9162, section 2.1.4.1
 * @throws TreeError `out_of_tree` unless 0 < first ≤ size
 */
export function consistencyProof(range: RangeHash, first: number, size: number): Uint8Array[] {
  if (!isIndex(first - 1, size)) throw new TreeError('out_of_tree', `no tree of ${first} in a tree of ${size}`);
  const path: Uint8Array[] = [];
  let [start, end, isOldRoot] = [0, size, true];
  while (first !== end) {
    const middle = start + split(end - start);
    const left = first <= middle;
    path.unshift(left ? range(middle, end) : range(start, middle));
    if (left) end = middle;
    else [start, isOldRoot] = [middle, false];
  }
  return isOldRoot ? path : [range(start, end), ...path];
}

export interface Consistency {
  readonly first: number;
  readonly firstRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** Whether the later tree only appended to the earlier. @see RFC 9162, section 2.1.4.2 */
export function verifyConsistency(sha256: Sha256, consistency: Consistency): boolean {
  const { first, firstRoot, size, root, path } = consistency;
  if (!isIndex(first - 1, size)) return false;
  if (first === size) return path.length === 0 && equal(firstRoot, root);
  const hashes = isPowerOfTwo(first) ? [firstRoot, ...path] : path;
  const [seed, ...rest] = hashes;
  if (seed === undefined) return false;
  let [at, last, old, now] = [first - 1, size - 1, seed, seed];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  for (const hash of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      [old, now] = [nodeHash(sha256, hash, old), nodeHash(sha256, hash, now)];
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      now = nodeHash(sha256, now, hash);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equal(old, firstRoot) && equal(now, root);
}

/** The largest power of two below `count`, which is at least 2. */
function split(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

const half = (value: number): number => Math.floor(value / 2);
const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value)) && 2 ** Math.log2(value) === value;
const isIndex = (index: number, size: number): boolean =>
  Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size;
const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
