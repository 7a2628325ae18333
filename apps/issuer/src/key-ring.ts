import { randomBytes } from 'node:crypto';

import { suiteOf, type Engine } from '#credential';
import { decodeManifest, keyAt, ProtocolError, type Manifest } from '#protocol';
import type { KeyEncryption, Manifests, PrimaryKeys, StoredManifest, UnwrappedKey, UnwrappedKeys } from '#storage/keys';

export interface IssuingKey {
  readonly manifest: Manifest;
  /** the one of the epoch asked for */
  readonly key: UnwrappedKey;
}

export interface KeyRingPorts {
  readonly primaryKeys: PrimaryKeys;
  readonly manifests: Manifests;
  readonly encryption: KeyEncryption;
  readonly keys: UnwrappedKeys;
  readonly engine: Engine;
}

/** Makes the primary keys that are wanted, and finds the one of an epoch. */
export class KeyRing {
  readonly #manifests = new Map<string, { readonly version: number; readonly manifest: Manifest }>();

  constructor(private readonly ports: KeyRingPorts) {}

  /** Generates and wraps a primary key for every draft without one and every rotation. Of two issuers, one is first. */
  async makeWanted(): Promise<void> {
    const { primaryKeys, encryption, engine } = this.ports;
    for (const { useCase, suite: id, firstEpoch } of await primaryKeys.wanted()) {
      const suite = suiteOf(id, engine);
      const key = suite.generatePrimaryKey((length) => new Uint8Array(randomBytes(length)));
      const wrapped = await encryption.wrap(key, { useCase, suite: id });
      await primaryKeys.add({ useCase, suite: id, wrapped, publicKey: suite.primaryPublicKey(key), firstEpoch });
    }
  }

  async manifest(useCase: string): Promise<StoredManifest> {
    const stored = await this.ports.manifests.latest(useCase);
    if (stored === undefined) throw unknownUseCase();
    return stored;
  }

  /** @throws ProtocolError `unknown_use_case`, StorageError `wrong_master_key`, `kms_failed` */
  async of(useCase: string, epoch: number): Promise<IssuingKey> {
    const manifest = this.#decoded(await this.manifest(useCase));
    const listed = keyAt(manifest, epoch);
    const key = listed && (await this.ports.keys.find(useCase, listed.firstEpoch));
    if (key === undefined) throw unknownUseCase();
    return { manifest, key };
  }

  #decoded({ useCase, version, bytes }: StoredManifest): Manifest {
    const known = this.#manifests.get(useCase);
    if (known?.version === version) return known.manifest;
    const manifest = decodeManifest(bytes);
    this.#manifests.set(useCase, { version, manifest });
    return manifest;
  }
}

const unknownUseCase = (): ProtocolError => new ProtocolError('unknown_use_case', 'No live use case has this name.');
