import { availableParallelism } from 'node:os';

import type { Piscina } from 'piscina';

import type { DeviceSettings } from '#client';
import { openThreads } from '#process';

/** One device to enrol, and what it keeps from an earlier try. */
export interface EnrolmentTask {
  readonly settings: DeviceSettings;
  readonly localAddress: string;
  /** slots to have tokens for */
  readonly slots: number;
  readonly store: readonly (readonly [string, Uint8Array])[];
}

export interface EnrolmentResult {
  /** the device's token store */
  readonly store: readonly (readonly [string, Uint8Array])[];
  /** why it did not get as far as it should; trying again goes on from `store` */
  readonly failure?: { readonly code: string; readonly message: string };
}

const AT_A_TIME = 4;

/**
 * Threads in which devices enrol and fetch their tokens: blinding and checking proofs take milliseconds
 * each, and would hold up everything else of a whole fleet.
 */
export class EnrolmentPool {
  readonly #pool: Piscina<EnrolmentTask, EnrolmentResult>;

  constructor(threads = Math.min(AT_A_TIME, availableParallelism())) {
    this.#pool = openThreads(new URL('./enrolment.worker.js', import.meta.url), {
      threads,
      // While one device waits for the issuer, another one computes.
      tasksPerThread: Math.ceil(AT_A_TIME / threads),
    });
  }

  enrol(task: EnrolmentTask): Promise<EnrolmentResult> {
    return this.#pool.run(task);
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
