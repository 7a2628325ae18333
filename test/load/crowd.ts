import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { LoadPlan, Order, Outcome } from './client.js';

/** Simulated devices in a process of their own: what they cost is not the test's own event loop. */
export class LoadClient {
  private constructor(private readonly child: ChildProcess) {}

  /** Enrols its devices and fetches their tokens. */
  static async start(plan: LoadPlan): Promise<LoadClient> {
    const child = fork(fileURLToPath(new URL('client.js', import.meta.url)), {
      serialization: 'advanced',
      execArgv: [],
    });
    const client = new LoadClient(child);
    child.send(plan);
    await client.#answer();
    return client;
  }

  async follow(order: Order): Promise<Outcome> {
    this.child.send(order);
    return this.#answer();
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  async #answer(): Promise<Outcome> {
    const ended = once(this.child, 'exit').then(() => {
      throw new Error('a process of simulated devices ended');
    });
    const [outcome] = (await Promise.race([once(this.child, 'message'), ended])) as [Outcome];
    return outcome;
  }
}
