import { describe, expect, it } from '@jest/globals';

import { MinuteLimit } from './minute-limit.js';

function limited(limits: { total: number; each: number }) {
  const clock = { now: 1000 };
  const limit = new MinuteLimit(limits, () => clock.now);
  const tell = (name: string): unknown => {
    try {
      limit.check(name);
      return 'fine';
    } catch (error) {
      return error;
    }
  };
  return { clock, limit, tell };
}

describe('a limit a minute', () => {
  // Kills: one counter for all, so that one sender shuts everybody out; none for all, so that many names cost nothing.
  it('[SEC4] is one for each name and one for all, and says when to come back', () => {
    const { clock, limit, tell } = limited({ total: 3, each: 2 });
    limit.count('a');
    limit.count('a');
    clock.now += 20_000;
    expect(tell('a')).toMatchObject({ code: 'rate_limited', retryAfterMs: 40_000 });
    expect(tell('b')).toBe('fine');
    limit.count('b');
    expect(tell('c')).toMatchObject({ code: 'rate_limited', retryAfterMs: 40_000 });
    clock.now += 40_000;
    expect([tell('a'), tell('c')]).toEqual(['fine', 'fine']);
  });
});
