/** Returns when what it looks at is there, throws when not. */
export type ReadinessCheck = () => Promise<unknown>;

/** Somebody who asks gets an answer within two seconds, also where a check gets none. */
const DEADLINE_MS = 1500;

/** Whether a process can do its work now, and in words what it lacks. */
export class Readiness {
  #reason: string | undefined = 'waiting for its start';
  #checks: Readonly<Record<string, ReadinessCheck>> = {};
  readonly #running = new Map<string, Promise<boolean>>();

  /** It has not begun: it waits for this. */
  waitFor(reason: string): void {
    this.#reason = `waiting for ${reason}`;
  }

  /** It has begun, and works as long as these hold. @param checks  by the name of what they look at */
  begin(checks: Readonly<Record<string, ReadinessCheck>>): void {
    this.#checks = checks;
    this.#reason = undefined;
  }

  /** It takes nothing new any more. */
  stop(): void {
    this.#checks = {};
    this.#reason = 'stopping';
  }

  /** @returns undefined when it is ready */
  async reason(): Promise<string | undefined> {
    const names = Object.keys(this.#checks);
    const holds = await Promise.all(names.map((name) => this.#holds(name)));
    const missing = names.filter((_, i) => !holds[i]);
    return this.#reason ?? (missing.length === 0 ? undefined : `waiting for ${missing.join(' and ')}`);
  }

  async #holds(name: string): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), DEADLINE_MS)));
    try {
      return await Promise.race([this.#run(name), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** One at a time, however many ask: one that hangs takes one connection, not one a question. */
  #run(name: string): Promise<boolean> {
    const running =
      this.#running.get(name) ??
      this.#checks[name]!()
        .then(
          () => true,
          () => false,
        )
        .finally(() => this.#running.delete(name));
    this.#running.set(name, running);
    return running;
  }
}
