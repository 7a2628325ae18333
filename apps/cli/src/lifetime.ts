import { stopOnSignals, watchLauncher } from '#process';

/** Longest time for an orderly end: the processes one after the other, then PostgreSQL. */
const GRACE_MS = 30_000;

type Close = () => Promise<void>;

/**
 * The life of a command that starts processes: it ends when its story does, on Ctrl-C or SIGTERM, or when the npm that
 * started it is gone; and then everything it started is stopped, the last first.
 */
export class Lifetime {
  readonly #ending = new AbortController();
  readonly #closes: Close[] = [];
  #story: Promise<unknown> = Promise.resolve();
  #ended: Promise<void> | undefined;

  /** Aborted as soon as it is to end early. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Something to close at the end; also, above all, what is still being started. */
  atEnd(close: Close): void {
    this.#closes.push(close);
  }

  /** Never settles well: rejects when it is to end. */
  untilStopped(): Promise<never> {
    return new Promise((_, reject) => {
      const stop = (): void => reject(this.signal.reason as Error);
      if (this.signal.aborted) stop();
      else this.signal.addEventListener('abort', stop);
    });
  }

  /** @returns undefined when it was ended from outside; the process is then about to exit */
  async run<T>(story: (lifetime: Lifetime) => Promise<T>): Promise<T | undefined> {
    const stop = stopOnSignals(() => this.#end(), { graceMs: GRACE_MS });
    const forget = watchLauncher(stop);
    const told = story(this);
    this.#story = told;
    try {
      return await told;
    } catch (error) {
      if (this.signal.aborted) return undefined;
      throw error;
    } finally {
      await this.#end();
      forget();
    }
  }

  #end(): Promise<void> {
    this.#ended ??= this.#close();
    return this.#ended;
  }

  async #close(): Promise<void> {
    this.#ending.abort();
    await this.#story.catch(() => undefined);
    for (const close of this.#closes.toReversed()) await close();
  }
}
