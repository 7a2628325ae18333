import { TILE_WIDTH, tileWidth } from '#transparency';

import type { Pool } from '../database/index.js';

/** The log as it is served: whole tiles, of what the latest head covers and nothing beyond. */
export class LogTiles {
  constructor(private readonly pool: Pool) {}

  /** @returns leaves in order; none where the tile lies beyond the latest head */
  async entries(tile: number): Promise<Uint8Array[]> {
    const { rows } = await this.pool.query<{ leaf: Uint8Array }>({
      name: 'log-entries',
      text: `select leaf from log.entry
              where position >= $1 and position < least($2, coalesce((select max(size) from log.head), 0))
              order by position`,
      values: [tile * TILE_WIDTH, (tile + 1) * TILE_WIDTH],
    });
    return rows.map(({ leaf }) => leaf);
  }

  /** @returns roots of complete subtrees of 256^level leaves, in order */
  async hashes(level: number, tile: number): Promise<Uint8Array[]> {
    const head = await this.pool.query<{ size: number }>(
      'select size::float8 as size from log.head order by number desc limit 1',
    );
    const { rows } = await this.pool.query<{ hash: Uint8Array }>(
      'select hash from log.node where level = $1 and index >= $2 order by index limit $3',
      [8 * level, tile * TILE_WIDTH, tileWidth(level, tile, head.rows[0]?.size ?? 0)],
    );
    return rows.map(({ hash }) => hash);
  }

  /** The accepted list of a published round, sorted; none where no published round has this id. */
  async acceptedList(roundId: string): Promise<Uint8Array[]> {
    const { rows } = await this.pool.query<{ digest: Uint8Array }>(
      'select digest from rounds.accepted_list($1) as t (digest)',
      [roundId],
    );
    return rows.map(({ digest }) => digest);
  }
}
