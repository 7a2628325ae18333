/*
 * A log is served in tiles, as C2SP's tlog-tiles cuts it: at level l, tile i holds the roots of 256
 * complete subtrees of 256^l leaves each. Everybody asks for the same few addresses, and an address
 * names no leaf.
 */

export const TILE_WIDTH = 256;

/** Tile in which leaf `index` lies. */
export const tileOf = (index: number): number => Math.floor(index / TILE_WIDTH);

/** Tiles that hold the leaves [from, size), in order. */
export function tilesOf(from: number, size: number): number[] {
  if (from >= size) return [];
  const first = tileOf(from);
  return Array.from({ length: tileOf(size - 1) - first + 1 }, (_, i) => first + i);
}

/** How many hashes (or leaves, at level 0) a tile has in a tree of `size` leaves: 0 to 256. */
export const tileWidth = (level: number, index: number, size: number): number =>
  Math.max(0, Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH));
