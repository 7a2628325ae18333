import type { TokenStore } from '../token-store.js';

const VALUES = 'values';

/**
 * One IndexedDB database a device. A value is replaced by one transaction, which is asked to be on the disk
 * before it says so. A site that the browser forgets loses its tokens: ask for `navigator.storage.persist()`.
 *
 * Every script of the page's origin can read it; `EncryptedTokenStore` with a key that cannot be exported keeps
 * it from whoever copies the browser's profile.
 */
export class IndexedDbTokenStore implements TokenStore {
  private constructor(private readonly database: IDBDatabase) {}

  static async open(name: string): Promise<IndexedDbTokenStore> {
    const request = indexedDB.open(name, 1);
    request.addEventListener('upgradeneeded', () => void request.result.createObjectStore(VALUES));
    return new IndexedDbTokenStore(await settled(request));
  }

  /** Deletes all that is stored under this name. Waits for whoever has it open. */
  static async forget(name: string): Promise<void> {
    await settled(indexedDB.deleteDatabase(name));
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const request = this.database.transaction(VALUES).objectStore(VALUES).get(name);
    const value: unknown = await settled(request);
    return value instanceof Uint8Array ? value : undefined;
  }

  write(name: string, bytes: Uint8Array): Promise<void> {
    return this.#change((values) => values.put(Uint8Array.from(bytes), name));
  }

  remove(name: string): Promise<void> {
    return this.#change((values) => values.delete(name));
  }

  close(): void {
    this.database.close();
  }

  #change(change: (values: IDBObjectStore) => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(VALUES, 'readwrite', { durability: 'strict' });
      transaction.addEventListener('complete', () => resolve());
      transaction.addEventListener('abort', () =>
        reject(transaction.error ?? new Error('the transaction was aborted')),
      );
      change(transaction.objectStore(VALUES));
    });
  }
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('the request failed')));
  });
