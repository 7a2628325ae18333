import { describe, expect, it } from '@jest/globals';

import { IssuanceRate } from './issuance-rate.js';

interface Scene {
  now: number;
  readonly limits: Map<string, number>;
  readonly rate: IssuanceRate;
}

function scene(total: number, limits: readonly (readonly [string, number])[] = []): Scene {
  const scene = { now: 1_000_000, limits: new Map(limits) };
  const ports = {
    total,
    limitOf: async (useCase: string) => scene.limits.get(useCase) ?? null,
    now: () => scene.now,
  };
  return Object.assign(scene, { rate: new IssuanceRate(ports) });
}

/** Tokens had in requests of 16, until the first refusal; and how long that says to wait. */
async function drain(rate: IssuanceRate, useCase: string): Promise<{ had: number; retryAfterMs: number }> {
  for (let had = 0; ; had += 16) {
    try {
      await rate.take(useCase, 16);
    } catch (error) {
      return { had, retryAfterMs: (error as { retryAfterMs: number }).retryAfterMs };
    }
  }
}

describe('the rate of issuance', () => {
  // Kills: a limit in requests, under which a request for 256 tokens costs as much as one for a single one.
  it('[ISS12] counts tokens, and says when so many can be had', async () => {
    const at = scene(1000);
    const { had, retryAfterMs } = await drain(at.rate, 'a');
    expect(had).toBe(992);
    expect(retryAfterMs).toBe(8);
    at.now += retryAfterMs - 1;
    await expect(at.rate.take('a', 16)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 1 });
    at.now += 1;
    await at.rate.take('a', 16);
  });

  // Kills: one bucket for all, and a refused use case that still uses up the common one.
  it('[ISS12] a use case at its own limit takes nothing from the others', async () => {
    const at = scene(2000, [['greedy', 300]]);
    expect((await drain(at.rate, 'greedy')).had).toBe(288);
    for (let i = 0; i < 1000; i++) await expect(at.rate.take('greedy', 16)).rejects.toBeDefined();
    expect((await drain(at.rate, 'modest')).had).toBe(1712);
  });

  it('[ISS12] the largest request is served at any rate, and a limit that changed counts within ten seconds', async () => {
    const at = scene(5000, [['slow', 1]]);
    await at.rate.take('slow', 256);
    await expect(at.rate.take('slow', 1)).rejects.toMatchObject({ retryAfterMs: 1000 });
    at.limits.set('slow', 4000);
    at.now += 10_000;
    await at.rate.take('slow', 256);
    expect((await drain(at.rate, 'slow')).had).toBeGreaterThan(3000);
  });

  // Kills: negative time, which would empty the bucket when the clock is set back.
  it('[ISS12] a clock that is set back gives nothing and takes nothing', async () => {
    const at = scene(1000);
    await at.rate.take('a', 500);
    at.now -= 60_000;
    expect((await drain(at.rate, 'a')).had).toBe(496);
  });
});
