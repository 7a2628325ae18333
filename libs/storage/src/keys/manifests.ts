import type { Pool } from '../database/index.js';
import type { StoredManifest } from './use-case-drafts.js';

/** Signed manifests, newest version first: what issuer, intake and coordinator agree on. */
export class Manifests {
  constructor(private readonly pool: Pool) {}

  async latest(useCase: string): Promise<StoredManifest | undefined> {
    const { rows } = await this.pool.query<StoredManifest>(
      `select use_case as "useCase", version, digest, bytes, signature
         from keys.manifest where use_case = $1 order by version desc limit 1`,
      [useCase],
    );
    return rows[0];
  }

  /** Some manifest of some use case: its bytes have one digest. */
  async find(digest: Uint8Array): Promise<StoredManifest | undefined> {
    const { rows } = await this.pool.query<StoredManifest>(
      'select use_case as "useCase", version, digest, bytes, signature from keys.manifest where digest = $1',
      [digest],
    );
    return rows[0];
  }

  /** The epoch by the database's clock; null before the use case is live. */
  async currentEpoch(useCase: string): Promise<number | null> {
    const { rows } = await this.pool.query<{ epoch: number | null }>('select keys.current_epoch($1) as epoch', [
      useCase,
    ]);
    return rows[0]!.epoch;
  }
}
