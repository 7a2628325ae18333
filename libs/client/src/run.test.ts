import { describe, expect, it } from '@jest/globals';

import { ClientError } from './errors.js';
import { startOf } from './prefetch-schedule.js';
import { keepTakingPart, keepTokens, type DeviceEvent, type RunningParts } from './run.js';
import { seeded } from './testing/seeded.js';
import { VirtualTime } from './testing/virtual-time.js';
import { MemoryTokenStore, type TokenStore } from './token-store.js';
import { Wallet } from './wallet.js';

const HOUR = 3_600_000;
const schedule = { epochOrigin: 0, epochSeconds: 3600 };
const unreachable = new ClientError('unreachable', 'nobody there');

interface Run {
  readonly time: VirtualTime;
  readonly parts: RunningParts;
  readonly fetches: { readonly epoch: number; readonly at: number }[];
  readonly looks: number[];
  readonly events: DeviceEvent[];
  stop(): void;
}

async function prepare(from: number, store: TokenStore = new MemoryTokenStore(), seed = 1): Promise<Run> {
  const [time, wallet, ending] = [new VirtualTime(from), await Wallet.open(store), new AbortController()];
  const [fetches, looks, events]: [Run['fetches'], number[], DeviceEvent[]] = [[], [], []];
  const parts: RunningParts = {
    clock: time.clock,
    random: seeded(seed),
    wallet,
    schedule: () => schedule,
    fetch: async (epoch) => {
      fetches.push({ epoch, at: time.now });
      await wallet.addTokens([{ epoch, slot: 0, token: new Uint8Array(32), prf: new Uint8Array(64), uses: [] }]);
      return 1;
    },
    takePart: async () => {
      looks.push(time.now);
      return { outcome: 'skipped', reason: 'no_open_round' };
    },
    signal: ending.signal,
    onEvent: (event) => void events.push(event),
  };
  return { time, parts, fetches, looks, events, stop: () => ending.abort() };
}

const run = (parts: RunningParts): Promise<unknown> =>
  Promise.allSettled([keepTokens(parts), keepTakingPart(parts, 60_000)]);

describe('a device that runs', () => {
  it('[DEV21] fetches once for each epoch, in the epoch before', async () => {
    const { time, parts, fetches, stop } = await prepare(5 * HOUR);
    const ended = run(parts);
    await time.runUntil(20 * HOUR - 1);
    stop();
    await ended;
    expect(fetches.map(({ epoch }) => epoch).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 16 }, (_, i) => 5 + i),
    );
    const before = fetches.filter(({ epoch }) => epoch > 5);
    for (const { epoch, at } of before) {
      expect(at).toBeGreaterThanOrEqual(startOf(schedule, epoch - 1));
      expect(at).toBeLessThan(startOf(schedule, epoch) - HOUR / 10);
    }
  });

  // Kills: fetching when a round is looked for, or looking for one when tokens came.
  it('[DEV21] looks for rounds at the same moments whether it fetches or not', async () => {
    const looks = await Promise.all(
      [true, false].map(async (fetching) => {
        const { time, parts, looks, stop } = await prepare(5 * HOUR);
        const ended = Promise.allSettled([
          // A generator of its own: both runs draw the same intervals.
          ...(fetching ? [keepTokens({ ...parts, random: seeded(2) })] : []),
          keepTakingPart(parts, 60_000),
        ]);
        await time.runUntil(8 * HOUR);
        stop();
        await ended;
        return looks;
      }),
    );
    expect(looks[0]!.length).toBeGreaterThan(150);
    expect(looks[0]).toEqual(looks[1]);
    // Kills: a steady beat, whose phase is the moment of enrolment.
    const intervals = looks[0]!.slice(1).map((at, i) => at - looks[0]![i]!);
    expect(Math.min(...intervals)).toBeLessThan(35_000);
    expect(Math.max(...intervals)).toBeGreaterThan(85_000);
  });

  // Kills: keeping the draw in memory only.
  it('[DEV20] started again a hundred times an hour, fetches at the moment drawn first', async () => {
    const store = new MemoryTokenStore();
    const first = await prepare(5 * HOUR, store);
    const ended = keepTokens(first.parts).catch(() => undefined);
    await first.time.runUntil(5 * HOUR + 1);
    const drawn = (await Wallet.open(store)).appointments;
    first.stop();
    await ended;
    const fetches: Run['fetches'][number][] = [];
    for (let i = 0; i < 100; i++) {
      const again = await prepare(5 * HOUR + (i * HOUR) / 100, store, 100 + i);
      const over = keepTokens(again.parts).catch(() => undefined);
      await again.time.runUntil(5 * HOUR + ((i + 1) * HOUR) / 100 - 1);
      again.stop();
      await over;
      fetches.push(...again.fetches);
    }
    expect(fetches.toSorted((a, b) => a.epoch - b.epoch)).toEqual(drawn.map(({ epoch, at }) => ({ epoch, at })));
  });

  it('[DEV21] an issuer that is away is asked again at another random moment, a bounded number of times', async () => {
    const { time, parts, events, stop } = await prepare(5 * HOUR);
    const asked: number[] = [];
    const away = async (): Promise<number> => {
      asked.push(time.now);
      throw unreachable;
    };
    const ended = run({ ...parts, fetch: away });
    await time.runUntil(6 * HOUR - 1);
    stop();
    await ended;
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.length).toBeLessThan(30);
    expect(events.filter(({ kind }) => kind === 'failed')).toHaveLength(asked.length);
  });

  it('[DEV21] a failed round is told, and the next one is looked for; a damaged store ends the run', async () => {
    const { time, parts, events, stop } = await prepare(5 * HOUR);
    const ended = run({ ...parts, takePart: () => Promise.reject(unreachable) });
    await time.runUntil(5 * HOUR + 600_000);
    stop();
    await ended;
    expect(events.length).toBeGreaterThan(5);
    expect(events[0]).toEqual({ kind: 'failed', during: 'round', error: unreachable });

    const damaged = await prepare(5 * HOUR);
    const takePart = () => Promise.reject(new ClientError('damaged_store', 'unreadable'));
    const [over] = await Promise.all([
      Promise.allSettled([keepTakingPart({ ...damaged.parts, takePart }, 60_000)]),
      damaged.time.runUntil(6 * HOUR),
    ]);
    expect(over).toMatchObject([{ status: 'rejected', reason: { code: 'damaged_store' } }]);
  });
});
