import { randomBytes } from 'node:crypto';

import { suiteOf, type Engine } from '#credential';
import { decodeManifest, ProtocolError, type Manifest } from '#protocol';
import { unwrapKey, wrapKey, type Manifests, type PrimaryKeys, type StoredManifest } from '#storage/keys';

export interface IssuingKey {
  readonly manifest: Manifest;
  readonly primaryKey: Uint8Array;
}

/** Primary keys, unwrapped in memory only. Makes one for every use case that waits for its own. */
export class KeyRing {
  readonly #keys = new Map<string, IssuingKey & { readonly version: number }>();

  constructor(
    private readonly primaryKeys: PrimaryKeys,
    private readonly manifests: Manifests,
    private readonly wrappingKey: Uint8Array,
    private readonly engine: Engine,
  ) {}

  /** Generates and wraps a primary key for every draft without one. Of two issuers, one is first. */
  async makeMissing(): Promise<void> {
    for (const { useCase, suite: id } of await this.primaryKeys.missing()) {
      const suite = suiteOf(id, this.engine);
      const key = suite.generatePrimaryKey((length) => new Uint8Array(randomBytes(length)));
      const wrapped = wrapKey(this.wrappingKey, key, { useCase, suite: id });
      await this.primaryKeys.add({ useCase, suite: id, wrapped, publicKey: suite.primaryPublicKey(key) });
    }
  }

  async manifest(useCase: string): Promise<StoredManifest> {
    const stored = await this.manifests.latest(useCase);
    if (stored === undefined) throw unknownUseCase();
    return stored;
  }

  async of(useCase: string): Promise<IssuingKey> {
    const stored = await this.manifest(useCase);
    const known = this.#keys.get(useCase);
    if (known?.version === stored.version) return known;
    const row = await this.primaryKeys.of(useCase);
    if (row === undefined) throw unknownUseCase();
    const primaryKey = unwrapKey(this.wrappingKey, row.wrapped, row);
    const key = { manifest: decodeManifest(stored.bytes), primaryKey, version: stored.version };
    this.#keys.set(useCase, key);
    return key;
  }
}

const unknownUseCase = (): ProtocolError => new ProtocolError('unknown_use_case', 'No live use case has this name.');
