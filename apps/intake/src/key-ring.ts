import { decodeManifest, equalBytes, ProtocolError, type Manifest } from '#protocol';
import { unwrapKey, type Manifests, type PrimaryKeys } from '#storage/keys';

export interface RedeemingKey {
  readonly manifest: Manifest;
  readonly manifestDigest: Uint8Array;
  readonly primaryKey: Uint8Array;
}

/** Primary keys and manifests of the use cases that submissions came for, unwrapped in memory only. */
export class KeyRing {
  readonly #keys = new Map<string, RedeemingKey>();

  constructor(
    private readonly primaryKeys: PrimaryKeys,
    private readonly manifests: Manifests,
    private readonly wrappingKey: Uint8Array,
  ) {}

  /** @throws ProtocolError `unknown_use_case` */
  async of(useCase: string, manifestDigest?: Uint8Array): Promise<RedeemingKey> {
    const known = this.#keys.get(useCase);
    if (known !== undefined && (manifestDigest === undefined || equalBytes(known.manifestDigest, manifestDigest)))
      return known;
    const [stored, row] = await Promise.all([this.manifests.latest(useCase), this.primaryKeys.of(useCase)]);
    if (stored === undefined || row === undefined) {
      throw new ProtocolError('unknown_use_case', 'No live use case has this name.');
    }
    const key: RedeemingKey = {
      manifest: decodeManifest(stored.bytes),
      manifestDigest: stored.digest,
      primaryKey: unwrapKey(this.wrappingKey, row.wrapped, row),
    };
    this.#keys.set(useCase, key);
    return key;
  }
}
