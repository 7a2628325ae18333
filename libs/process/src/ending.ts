import { writeLog } from './log.js';

/** What a process has begun, to be ended in reverse order. */
export class Ending {
  readonly #steps: (() => unknown)[] = [];
  readonly #begun = new AbortController();

  /** Aborted when the end begins. */
  get signal(): AbortSignal {
    return this.#begun.signal;
  }

  add(...steps: (() => unknown)[]): void {
    this.#steps.push(...steps);
  }

  /** Every step is tried, whatever became of the one before it. @throws the first error, after the last step */
  async run(): Promise<void> {
    this.#begun.abort();
    const errors: unknown[] = [];
    for (const step of this.#steps.toReversed()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/**
 * Ends a process that cannot begin, with the error's own words: only for errors of a start, which has seen no
 * payload of anybody yet.
 */
export function exitBecause(error: unknown): never {
  writeLog({ level: 'fatal', event: 'end', message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
