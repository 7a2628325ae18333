import { describe, expect, it } from '@jest/globals';

import { Backoff, type RetryPolicy } from './backoff.js';
import { seeded } from './testing/index.js';

const POLICY: RetryPolicy = { attempts: 6, baseMs: 200, capMs: 5000 };

/** The waits of one client that is told the same each time. */
function waitsOf(seed: number, retryAfterMs?: number): number[] {
  const backoff = new Backoff(POLICY, seeded(seed));
  const waits: number[] = [];
  for (let wait = backoff.next(retryAfterMs); wait !== undefined; wait = backoff.next(retryAfterMs)) waits.push(wait);
  return waits;
}

const clients = Array.from({ length: 1000 }, (_, seed) => seed);

/** The largest share of these moments that lies within 100 ms. */
function fullest(moments: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const at of moments) counts.set(Math.floor(at / 100), (counts.get(Math.floor(at / 100)) ?? 0) + 1);
  return Math.max(...counts.values()) / moments.length;
}

describe('waiting before another try', () => {
  // Kills: trying for ever; a wait that a server cannot make longer; one above the cap.
  it('[LOD8] tries are bounded, and what the server asks for is the least', () => {
    for (const seed of clients) {
      const [free, told] = [waitsOf(seed), waitsOf(seed, 2500)];
      expect([free.length, told.length]).toEqual([5, 5]);
      expect(free.every((wait) => wait >= 200 && wait <= 5000)).toBe(true);
      expect(told.every((wait) => wait >= 3200 && wait <= 8000)).toBe(true);
    }
  });

  // Kills: no jitter; jitter of a fixed width, however long all were sent away for.
  it('[LOD8] who was sent away together does not come back together, and ever less so', () => {
    const all = clients.map((seed) => waitsOf(seed, 1000));
    const momentsAfter = (tries: number): number[] =>
      all.map((waits) => waits.slice(0, tries).reduce((sum, wait) => sum + wait, 0));
    expect(fullest(momentsAfter(1))).toBeLessThan(0.06);
    expect(fullest(momentsAfter(3))).toBeLessThan(0.03);
  });
});
