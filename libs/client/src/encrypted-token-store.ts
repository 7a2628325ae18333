import { ClientError } from './errors.js';
import type { TokenStore } from './token-store.js';

/** A key of WebCrypto; not every platform's types name it. */
export type SealingKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

const IV_BYTES = 12;

/**
 * Puts AES-256-GCM in front of another store: who copies that one without the key can neither spend its tokens nor
 * tell what they were used for. The key belongs in the system's keystore; a key beside the store protects nothing.
 *
 * Each value is bound to its name. An older state put back as a whole is not noticed here, but at intake:
 * `token_spent` raises the alarm.
 */
export class EncryptedTokenStore implements TokenStore {
  readonly #key: Promise<SealingKey>;

  /**
   * @param inner  where the encrypted values go
   * @param key  32 bytes, or a key of WebCrypto that never leaves its keystore
   */
  constructor(
    private readonly inner: TokenStore,
    key: Uint8Array | SealingKey,
  ) {
    this.#key =
      key instanceof Uint8Array
        ? crypto.subtle.importKey('raw', Uint8Array.from(key), 'AES-GCM', false, ['encrypt', 'decrypt'])
        : Promise.resolve(key);
    // Whoever reads or writes gets to know; nobody may ever do.
    this.#key.catch(() => undefined);
  }

  /** @throws ClientError `damaged_store` for another key, another name or bytes that were changed */
  async read(name: string): Promise<Uint8Array | undefined> {
    const sealed = await this.inner.read(name);
    if (sealed === undefined) return undefined;
    try {
      const algorithm = algorithmOf(name, sealed.slice(0, IV_BYTES));
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, await this.#key, sealed.slice(IV_BYTES)));
    } catch {
      throw new ClientError('damaged_store', 'the store cannot be decrypted with this key');
    }
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const sealed = await crypto.subtle.encrypt(algorithmOf(name, iv), await this.#key, Uint8Array.from(bytes));
    const value = new Uint8Array(IV_BYTES + sealed.byteLength);
    value.set(iv);
    value.set(new Uint8Array(sealed), IV_BYTES);
    await this.inner.write(name, value);
  }

  remove(name: string): Promise<void> {
    return this.inner.remove(name);
  }

  close(): void {
    this.inner.close?.();
  }
}

const algorithmOf = (name: string, iv: Uint8Array<ArrayBuffer>) => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(name),
});
