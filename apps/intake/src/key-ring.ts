import { decodeManifest, keyAt, ProtocolError, type Manifest } from '#protocol';
import type { Manifests, UnwrappedKeys } from '#storage/keys';

export interface RedeemingKey {
  readonly manifest: Manifest;
  readonly primaryKey: Uint8Array;
}

const MAX_MANIFESTS = 64;

/** What redeems a round's tokens: the manifest that its record names, and that manifest's key of its epoch. */
export class KeyRing {
  readonly #manifests = new Map<string, Manifest>();

  constructor(
    private readonly manifests: Manifests,
    private readonly keys: UnwrappedKeys,
  ) {}

  /** @throws ProtocolError `unknown_use_case` */
  async of(round: {
    readonly useCase: string;
    readonly epoch: number;
    readonly manifestDigest: Uint8Array;
  }): Promise<RedeemingKey> {
    const manifest = await this.#manifest(round.manifestDigest);
    const listed = manifest && keyAt(manifest, round.epoch);
    const key = listed && (await this.keys.find(round.useCase, listed.firstEpoch));
    if (manifest === undefined || key === undefined) throw unknownUseCase();
    return { manifest, primaryKey: key.primaryKey };
  }

  /** @throws ProtocolError `unknown_use_case` unless it is live */
  async checkUseCase(useCase: string): Promise<void> {
    if ((await this.manifests.latest(useCase)) === undefined) throw unknownUseCase();
  }

  async #manifest(digest: Uint8Array): Promise<Manifest | undefined> {
    const name = Buffer.from(digest).toString('hex');
    const known = this.#manifests.get(name);
    if (known !== undefined) return known;
    const stored = await this.manifests.find(digest);
    if (stored === undefined) return undefined;
    const manifest = decodeManifest(stored.bytes);
    if (this.#manifests.size >= MAX_MANIFESTS) this.#manifests.clear();
    this.#manifests.set(name, manifest);
    return manifest;
  }
}

const unknownUseCase = (): ProtocolError => new ProtocolError('unknown_use_case', 'No live use case has this name.');
