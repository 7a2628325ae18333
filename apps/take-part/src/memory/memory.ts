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

/** Values by name, in IndexedDB. */
export class Memory {
  private constructor(private readonly database: IDBDatabase) {}

  static async open(): Promise<Memory> {
    const request = indexedDB.open(DATABASE, 1);
    request.addEventListener('upgradeneeded', () => void request.result.createObjectStore(VALUES));
    return new Memory(await settled(request));
  }

  read<N extends keyof Kept>(name: N): Promise<Kept[N] | undefined> {
    return settled(this.database.transaction(VALUES).objectStore(VALUES).get(name) as IDBRequest<Kept[N] | undefined>);
  }

  async write<N extends keyof Kept>(name: N, value: Kept[N]): Promise<void> {
    await settled(this.database.transaction(VALUES, 'readwrite').objectStore(VALUES).put(value, name));
  }

  async remove(name: keyof Kept): Promise<void> {
    await settled(this.database.transaction(VALUES, 'readwrite').objectStore(VALUES).delete(name));
  }

  /** All of it. */
  async forget(): Promise<void> {
    this.database.close();
    await settled(indexedDB.deleteDatabase(DATABASE));
  }
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('the request failed')));
  });
