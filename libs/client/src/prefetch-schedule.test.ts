import { randomBytes } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { epochAt, nextMoment, planFetches, type Appointment } from './prefetch-schedule.js';

const HOUR = 3_600_000;
const schedule = { epochOrigin: 1_000_000, epochSeconds: 3600 };
const start = (epoch: number): number => schedule.epochOrigin + epoch * HOUR;
const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
const draw = (byte: number) => (length: number) => new Uint8Array(length).fill(byte);
const done = (epoch: number): Appointment => ({ epoch, at: start(epoch) - 1, done: true });
const next = (known: readonly Appointment[], now: number, rng = random): number | undefined =>
  planFetches(schedule, known, now, rng).find(({ epoch }) => epoch === epochAt(schedule, now) + 1)?.at;

describe('when tokens are fetched', () => {
  // Kills: fetching at the beginning or the end of the epoch before, or around one moment of it.
  it('[DEV20] is uniform over the epoch before, but for a tenth at its end', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 9000; i++) {
      const at = next([done(7)], start(7))!;
      tenths[Math.floor((at - start(7)) / (HOUR / 10))]! += 1;
    }
    expect(tenths[9]).toBe(0);
    // 8 degrees of freedom: one honest draw in 100,000 is above 37.
    const chiSquare = tenths.slice(0, 9).reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(37);
  });

  // Kills: drawing again at each start, so that devices that start often fetch early.
  it('[DEV20] is drawn once: a moment to come stays, however often the device starts', () => {
    const first = planFetches(schedule, [done(7)], start(7), random);
    for (let minutes = 1; start(7) + 60_000 * minutes < first[1]!.at; minutes++) {
      expect(planFetches(schedule, first, start(7) + 60_000 * minutes, random)).toEqual(first);
    }
  });

  it('[DEV20] is never the moment a device comes back: what it missed, it draws again from what is left', () => {
    const missed = { epoch: 8, at: start(7) + 60_000, done: false };
    const now = start(7) + HOUR / 2;
    expect(next([done(7), missed], now, draw(0))).toBe(now);
    expect(next([done(7), missed], now, draw(128))).toBeGreaterThan(now + 0.15 * HOUR);
    expect(next([done(7), missed], now, draw(255))).toBeCloseTo(start(7) + 0.9 * HOUR, -2);
  });

  it('[DEV20] a device that has just enrolled draws for the rest of this epoch and for the next, each from what is left', () => {
    const now = start(7) + HOUR / 4;
    const plan = planFetches(schedule, [], now, random);
    expect(plan.map(({ epoch }) => epoch)).toEqual([7, 8]);
    for (const { at } of plan) {
      expect(at).toBeGreaterThanOrEqual(now);
      expect(at).toBeLessThan(start(7) + 0.9 * HOUR);
    }
    expect(plan[0]!.at).not.toBe(plan[1]!.at);
  });

  it('[DEV20] in the last tenth nothing is drawn: the next epoch is soon enough', () => {
    const now = start(7) + 0.95 * HOUR;
    expect(planFetches(schedule, [], now, random)).toEqual([]);
    expect(nextMoment(schedule, [], now)).toBe(start(8));
  });

  it('[DEV20] what was fetched is not fetched again, and what is over is forgotten', () => {
    const plan = planFetches(schedule, [done(6), done(7), done(8)], start(7) + 5, random);
    expect(plan).toEqual([done(7), done(8)]);
    expect(nextMoment(schedule, plan, start(7) + 5)).toBe(start(8));
  });
});
