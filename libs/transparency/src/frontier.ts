import { TreeError } from './errors.js';
import { nodeHash, type Sha256 } from './tree-hash.js';

/** A complete subtree: the 2^level leaves from index · 2^level on. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

/**
 * What must be known of a tree to go on appending to it: the roots of its complete subtrees, largest
 * first, one for each bit of its size. Whoever has it and all leaves that came later needs no proof
 * from anybody: it computes the root itself.
 */
export class Frontier {
  #size: number;
  readonly #hashes: Uint8Array[];

  /**
   * @param hashes  largest subtree first
   * @throws TreeError `malformed_frontier` unless there is one hash of 32 bytes for each bit of `size`
   */
  constructor(
    private readonly sha256: Sha256,
    { size, hashes }: { readonly size: number; readonly hashes: readonly Uint8Array[] } = { size: 0, hashes: [] },
  ) {
    const holds = Number.isSafeInteger(size) && size >= 0 && hashes.length === bitsOf(size).length;
    if (!holds || hashes.some(({ length }) => length !== 32)) {
      throw new TreeError('malformed_frontier', `${hashes.length} hashes do not make a tree of ${size} leaves`);
    }
    this.#size = size;
    this.#hashes = [...hashes];
  }

  get size(): number {
    return this.#size;
  }

  /** Largest subtree first. */
  get hashes(): readonly Uint8Array[] {
    return this.#hashes;
  }

  /** The same tree, to go on from without changing this one. */
  copy(): Frontier {
    return new Frontier(this.sha256, { size: this.#size, hashes: this.#hashes });
  }

  /** Adds a leaf by its hash. @returns the subtrees that it completes, the leaf itself first */
  append(hash: Uint8Array): TreeNode[] {
    let node: TreeNode = { level: 0, index: this.#size, hash };
    const complete = [node];
    while (node.index % 2 === 1) {
      node = {
        level: node.level + 1,
        index: (node.index - 1) / 2,
        hash: nodeHash(this.sha256, this.#hashes.pop()!, node.hash),
      };
      complete.push(node);
    }
    this.#hashes.push(node.hash);
    this.#size += 1;
    return complete;
  }

  root(): Uint8Array {
    const last = this.#hashes.at(-1);
    if (last === undefined) return this.sha256(new Uint8Array());
    return this.#hashes.slice(0, -1).reduceRight((right, left) => nodeHash(this.sha256, left, right), last);
  }
}

/** The complete subtrees of a tree of `size` leaves, largest first: where a frontier's hashes belong. */
export function frontierNodes(size: number): { readonly level: number; readonly index: number }[] {
  let start = 0;
  return bitsOf(size).map((level) => {
    const index = start / 2 ** level;
    start += 2 ** level;
    return { level, index };
  });
}

/** Levels of the bits set, highest first. Not by shifting: sizes may pass 2^32. */
function bitsOf(size: number): number[] {
  const levels: number[] = [];
  for (let level = 0, rest = size; rest >= 1; level++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) levels.unshift(level);
  }
  return levels;
}
