import { afterAll, describe, expect, it } from '@jest/globals';

import { Passwords, type PasswordTask } from './passwords.js';

const PASSWORD = 'crème brûlée at noon';

describe('passwords', () => {
  const passwords = new Passwords();
  afterAll(() => passwords.close());

  // Kills: less memory or fewer passes; a hash that is the same for the same password.
  it('[PRT7] are kept as salted argon2id strings of 64 MiB and three passes, however é is written', async () => {
    const [hash, another] = [await passwords.hash(PASSWORD), await passwords.hash(PASSWORD)];
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(another).not.toBe(hash);
    expect(await passwords.matches(hash, PASSWORD.normalize('NFD'))).toBe(true);
    expect(await passwords.matches(hash, `${PASSWORD} `)).toBe(false);
  });

  // Kills: hashing on the event loop, which does not turn meanwhile.
  it('[PRT7] are hashed while the event loop goes on', async () => {
    let turns = 0;
    let isDone = false;
    const hashed = passwords.hash(PASSWORD).finally(() => (isDone = true));
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    await hashed;
    expect(turns).toBeGreaterThan(100);
  });

  // Kills: an answer at once for a name that nobody has.
  it('[PRT7] a name that nobody has costs the work of any other, and never matches', async () => {
    const tasks: PasswordTask[] = [];
    const recorded = new Passwords({
      run: async (task) => tasks.push(task) > 0,
      destroy: () => Promise.resolve(),
    });
    expect(await recorded.matches(undefined, PASSWORD)).toBe(false);
    expect(tasks).toEqual([
      {
        password: PASSWORD,
        hash: expect.stringMatching(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$[\w+/]{22}\$[\w+/]{43}$/),
      },
    ]);
    expect(await passwords.matches(tasks[0]!.hash, PASSWORD)).toBe(false);
  });

  // Kills: a queue without an end.
  it('[PRT7] more at once than may wait are told to come back, and nothing is computed for them', async () => {
    let started = 0;
    let finish: (value: string) => void = () => undefined;
    const hashed = new Promise<string>((resolve) => (finish = resolve));
    const slow = new Passwords({ run: () => (started++, hashed), destroy: () => Promise.resolve() }, 4);
    const asked = Array.from({ length: 50 }, () => slow.hash(PASSWORD));
    const settled = Promise.allSettled(asked);
    finish('$argon2id$…');
    const refused = (await settled).filter(({ status }) => status === 'rejected');
    expect([started, refused.length]).toEqual([5, 45]);
    expect(refused[0]).toMatchObject({ reason: { code: 'overloaded', retryAfterMs: 1000 } });
  });
});
