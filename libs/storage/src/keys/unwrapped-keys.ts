import type { KeyContext, KeyEncryption } from './key-encryption.js';
import type { PrimaryKeys } from './primary-keys.js';

/** A primary key in the open: in memory only. */
export interface UnwrappedKey {
  /** of its row */
  readonly id: string;
  /** the first epoch it is for */
  readonly firstEpoch: number;
  readonly primaryKey: Uint8Array;
}

const MAX_KEYS = 256;

/** Keys unwrapped once each, also when many ask at the same time: a KMS may take a second. */
export class UnwrappedKeys {
  readonly #keys = new Map<string, Promise<UnwrappedKey | undefined>>();

  constructor(
    private readonly primaryKeys: PrimaryKeys,
    private readonly encryption: KeyEncryption,
  ) {}

  /** @throws StorageError `wrong_master_key`, `kms_failed` */
  async find(useCase: string, firstEpoch: number): Promise<UnwrappedKey | undefined> {
    const name = `${useCase} ${firstEpoch}`;
    let key = this.#keys.get(name);
    if (key === undefined) {
      if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
      key = this.#open(useCase, firstEpoch);
      this.#keys.set(name, key);
    }
    const found = await key.catch(() => undefined);
    // What was not to be had may be later.
    if (found === undefined) this.#keys.delete(name);
    return key;
  }

  async #open(useCase: string, firstEpoch: number): Promise<UnwrappedKey | undefined> {
    const row = await this.primaryKeys.find(useCase, firstEpoch);
    if (row === undefined) return undefined;
    const context: KeyContext = { useCase, suite: row.suite };
    return { id: row.id, firstEpoch, primaryKey: await this.encryption.unwrap(row.wrapped, context) };
  }
}
