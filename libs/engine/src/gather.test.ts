import { setImmediate as turn } from 'node:timers/promises';

import { describe, expect, it } from '@jest/globals';

import { CredentialError } from '#credential';

import { Gather, Overloaded, settle, type Outcome } from './gather.js';

/** Tasks that end when the test says so; each doubles its numbers. */
class Lanes {
  readonly tasks: {
    items: readonly number[];
    end: (outcomes?: Outcome<number>[]) => void;
    fail: (e: Error) => void;
  }[] = [];
  running = 0;
  most = 0;

  readonly work = (items: readonly number[]): Promise<Outcome<number>[]> => {
    this.most = Math.max(this.most, ++this.running);
    return new Promise<Outcome<number>[]>((resolve, reject) => {
      const end = (outcomes = settle(items, (item) => 2 * item)) => resolve(outcomes);
      this.tasks.push({ items, end, fail: reject });
    }).finally(() => this.running--);
  };

  sizes(): number[] {
    return this.tasks.map(({ items }) => items.length);
  }

  /** Ends all tasks, also those that begin meanwhile. */
  async drain(): Promise<void> {
    for (let i = 0; i < this.tasks.length; i++) {
      this.tasks[i]!.end();
      await turn();
    }
  }
}

const numbers = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);

describe('gathering', () => {
  it('[ENG7] makes one task a lane of what comes together, and answers each with its own', async () => {
    const lanes = new Lanes();
    const gather = new Gather(lanes.work, { lanes: 2 });
    const answers = Promise.all(numbers(9).map((n) => gather.submit(n)));
    await turn();
    expect(lanes.tasks.map(({ items }) => items)).toEqual([numbers(5), numbers(4, 5)]);
    // Out of order: each answer still finds its item.
    lanes.tasks[1]!.end();
    lanes.tasks[0]!.end();
    expect(await answers).toEqual(numbers(9).map((n) => 2 * n));
  });

  // Kills: a task for each request while all threads are busy; more tasks at a time than lanes; a task without bound.
  it('[ENG7] while all lanes are busy, what comes in waits together, at most so many a task', async () => {
    const lanes = new Lanes();
    const gather = new Gather(lanes.work, { lanes: 2, maxItems: 64 });
    const answers = [gather.submit(0), gather.submit(1)];
    await turn();
    for (const n of numbers(200, 2)) {
      answers.push(gather.submit(n));
      await turn();
    }
    expect(lanes.sizes()).toEqual([1, 1]);
    await lanes.drain();
    expect(await Promise.all(answers)).toEqual(numbers(202).map((n) => 2 * n));
    expect([lanes.most, lanes.sizes()]).toEqual([2, [1, 1, 64, 64, 36, 18, 9, 8, 1]]);
  });

  // Kills: a lane that takes all that waits, so that one which is a little faster stands idle for a whole task.
  it('[ENG7] lanes end together, though one is slower', async () => {
    const lanes = new Lanes();
    const gather = new Gather(lanes.work, { lanes: 2 });
    const answers = Promise.all(numbers(1024).map((n) => gather.submit(n)));
    await turn();
    // In each lane, by its own clock: the task that it is at, and when that ends.
    const costs = [10, 11];
    const at = costs.map((cost, i) => ({ task: i, cost, end: lanes.sizes()[i]! * cost, done: false }));
    for (let task = 2; at.some(({ done }) => !done);) {
      const lane = at.filter(({ done }) => !done).reduce((first, other) => (other.end < first.end ? other : first));
      lanes.tasks[lane.task]!.end();
      await turn();
      const next = lanes.sizes()[task];
      if (next === undefined) lane.done = true;
      else Object.assign(lane, { task: task++, end: lane.end + next * lane.cost });
    }
    await answers;
    expect(Math.abs(at[0]!.end - at[1]!.end)).toBeLessThanOrEqual(8 * 11);
  });

  // Kills: a single request that waits for company.
  it('[ENG7] one request goes at once, alone', async () => {
    const lanes = new Lanes();
    const answer = new Gather(lanes.work, { lanes: 2 }).submit(21);
    await turn();
    await lanes.drain();
    expect([await answer, lanes.sizes()]).toEqual([42, [1]]);
  });

  // Kills: a task that fails as a whole for one bad item, or answers that slip by one after it.
  it('[ENG7] an item that is refused, or breaks, fails alone', async () => {
    const gather = new Gather(
      async (items: readonly number[]) =>
        settle(items, (item) => {
          if (item === 1) throw new CredentialError('malformed_element', 'element 1');
          if (item === 3) throw new TypeError('the secret is 3');
          return 10 * item;
        }),
      { lanes: 1 },
    );
    const results = await Promise.allSettled(numbers(5).map((n) => gather.submit(n)));
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason))).toEqual([
      0,
      expect.objectContaining({ name: 'CredentialError', code: 'malformed_element', message: 'element 1' }),
      20,
      expect.objectContaining({ message: expect.not.stringContaining('secret') as unknown }),
      40,
    ]);
  });

  it('[ENG7] a task that fails as a whole, or answers too little, fails its items and no others', async () => {
    const lanes = new Lanes();
    const gather = new Gather(lanes.work, { lanes: 1, maxItems: 2 });
    const results = Promise.allSettled(numbers(6).map((n) => gather.submit(n)));
    await turn();
    lanes.tasks[0]!.fail(new Error('the thread ended'));
    await turn();
    lanes.tasks[1]!.end([{ answer: 4 }]);
    await turn();
    lanes.tasks[2]!.end();
    expect((await results).map(({ status }) => status[0])).toEqual(['r', 'r', 'f', 'r', 'f', 'f']);
  });
});

describe('a full queue', () => {
  // Kills: a queue that grows as long as somebody asks; a bound that counts what is being computed.
  it('[ENG8] refuses with a time to come back, and takes items again when there is room', async () => {
    const lanes = new Lanes();
    const gather = new Gather(lanes.work, { lanes: 1, maxItems: 4, maxWaiting: 4 });
    const first = gather.submit(0);
    await turn();
    const taken = numbers(4, 1).map((n) => gather.submit(n));
    const refused = await gather.submit(5).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Overloaded);
    expect((refused as Overloaded).retryAfterMs).toBeGreaterThan(0);
    lanes.tasks[0]!.end();
    await turn();
    taken.push(gather.submit(5));
    await turn();
    await lanes.drain();
    expect(await Promise.all([first, ...taken])).toEqual([0, 2, 4, 6, 8, 10]);
  });

  // Kills: a close that forgets who waits, or that never ends.
  it('[ENG8] closed, takes nothing more and is done when all is answered', async () => {
    const lanes = new Lanes();
    const gather = new Gather(lanes.work, { lanes: 1, maxItems: 1 });
    const answers = [gather.submit(1), gather.submit(2)];
    let isClosed = false;
    const closed = gather.close().then(() => (isClosed = true));
    await expect(gather.submit(3)).rejects.toBeInstanceOf(Overloaded);
    await turn();
    lanes.tasks[0]!.end();
    await turn();
    expect(isClosed).toBe(false);
    await lanes.drain();
    await closed;
    expect(await Promise.all(answers)).toEqual([2, 4]);
    await new Gather(lanes.work, { lanes: 1 }).close();
  });
});
