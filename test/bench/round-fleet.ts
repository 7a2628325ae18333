import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { ROOMY_HEAP } from '#process';

import type { ClientNews, ClientOrder } from './round-client.js';

const PROCESSES = 2;

/** Processes that hold the devices. */
export class RoundFleet {
  #children: readonly ChildProcess[] = [];

  /** @returns when all devices are enrolled, have tokens and wait for the round */
  async start(order: ClientOrder): Promise<void> {
    const each = Math.ceil(order.clients / PROCESSES);
    const shares = Array.from({ length: PROCESSES }, (_, i) => Math.min(each, order.clients - i * each));
    this.#children = shares
      .filter((clients) => clients > 0)
      .map(() => fork(new URL('./round-client.js', import.meta.url), { execArgv: [ROOMY_HEAP] }));
    const ready = this.#children.map(async (child, i) => {
      const said = once(child, 'message');
      child.send({ ...order, clients: shares[i]! } satisfies ClientOrder);
      await said;
    });
    await Promise.race([Promise.all(ready), this.death()]);
  }

  get pids(): number[] {
    return this.#children.map(({ pid }) => pid!);
  }

  /** All take part in the next round. @param onAccepted  told after each update how many there are */
  takePart(onAccepted: (accepted: number) => void): void {
    let accepted = 0;
    for (const child of this.#children) {
      child
        .removeAllListeners('message')
        .on('message', (news: ClientNews) => news === 'accepted' && onAccepted(++accepted));
      child.send('next round');
    }
  }

  /** Never fulfilled: a client process stays until it is ended. */
  async death(): Promise<never> {
    const [code] = await Promise.race(this.#children.map((child) => once(child, 'exit')));
    throw new Error(`a client process ended with code ${code}`);
  }

  stop(): void {
    this.#children.forEach((child) => child.removeAllListeners('exit').kill());
  }
}
