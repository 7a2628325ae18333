import type { CountedProof } from '#client/browser';

import type { Examples } from '../examples/examples.js';

/** What this page keeps of a task, on this device alone; keys and tokens are in a database of the device library's. */
export interface Kept {
  /** the task that the person agreed to, with the key that was shown */
  readonly task: { readonly useCase: string; readonly title: string; readonly deploymentKey: string };
  readonly examples: Examples;
  readonly history: readonly HistoryEntry[];
}

/** One update that was sent. */
export interface HistoryEntry {
  readonly roundId: string;
  /** unix ms */
  readonly at: number;
  /** hex; null where intake refused it */
  readonly receipt: string | null;
  /** why it was refused */
  readonly refusal: string | null;
  readonly norm: number | null;
  readonly bytes: number | null;
  readonly outcome: 'waiting' | 'counted' | 'not_counted' | 'abandoned';
  readonly proof: CountedProof | null;
  /** updates that its round counted, once the proof was checked */
  readonly of: number | null;
}

const DATABASE = 'starling take-part';
const VALUES = 'values';

/**
 * Values by name, in IndexedDB. Opened for each and closed again: a tab that was left open somewhere keeps no other one
 * from deleting everything.
 */
export class Memory {
  #isForgotten = false;

  read<N extends keyof Kept>(name: N): Promise<Kept[N] | undefined> {
    return this.#use('readonly', (values) => values.get(name) as IDBRequest<Kept[N] | undefined>);
  }

  async write<N extends keyof Kept>(name: N, value: Kept[N]): Promise<void> {
    await this.#use('readwrite', (values) => values.put(value, name));
  }

  async remove(name: keyof Kept): Promise<void> {
    await this.#use('readwrite', (values) => values.delete(name));
  }

  /** All of it. What was still about to be written is refused from now on. */
  async forget(): Promise<void> {
    this.#isForgotten = true;
    await settled(indexedDB.deleteDatabase(DATABASE));
  }

  async #use<T>(mode: IDBTransactionMode, work: (values: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    if (this.#isForgotten) throw new Error('the person has left');
    const request = indexedDB.open(DATABASE, 1);
    request.addEventListener('upgradeneeded', () => void request.result.createObjectStore(VALUES));
    const database = await settled(request);
    try {
      return await settled(work(database.transaction(VALUES, mode).objectStore(VALUES)));
    } finally {
      database.close();
    }
  }
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('the request failed')));
  });
