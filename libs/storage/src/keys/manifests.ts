import type { Pool } from '../database/index.js';
import type { StoredManifest } from './use-case-drafts.js';

const SELECT = 'select use_case as "useCase", version, digest, bytes, signature from keys.manifest';

/** Signed manifests: what issuer, intake and coordinator agree on. */
export class Manifests {
  constructor(private readonly pool: Pool) {}

  async latest(useCase: string): Promise<StoredManifest | undefined> {
    const { rows } = await this.pool.query<StoredManifest>(
      `${SELECT} where use_case = $1 order by version desc limit 1`,
      [useCase],
    );
    return rows[0];
  }

  /** A round names the one that was in force when it opened. */
  async find(digest: Uint8Array): Promise<StoredManifest | undefined> {
    const { rows } = await this.pool.query<StoredManifest>(`${SELECT} where digest = $1`, [digest]);
    return rows[0];
  }
}
