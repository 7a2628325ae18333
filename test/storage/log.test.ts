import { randomBytes } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { LogLeaf } from '#protocol';
import { inTransaction, type Pool } from '#storage/database';
import { appendLeaves, LogTiles, TreeHeads } from '#storage/log';
import { Frontier, leafHash, merkleRoot } from '#transparency';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { sha256 } from '../fixtures/device.js';

const INTERVAL = { intervalMs: 1, keepAlive: 1_000_000 };
const sign = (): Uint8Array => new Uint8Array(64);
const leafAt = (i: number): LogLeaf => ({
  kind: 'derived_keys',
  useCase: 'digits',
  epoch: i,
  digest: new Uint8Array(32).fill(i % 256),
});

let database: TestDatabase;
let pools: readonly Pool[];
beforeEach(async () => {
  database = await createDatabase();
  pools = [database.pool('coordinator', 4), database.pool('coordinator', 4)];
});
afterEach(() => database.drop());

const append = (pool: Pool, ...leaves: readonly LogLeaf[]): Promise<number[]> =>
  inTransaction(pool, (client) => appendLeaves(client, leaves));

describe('the log in the database', () => {
  // Kills: a position read before the lock, or a lock that ends before the transaction.
  it('[LOG16] has no gap, no position twice and the right hashes, whoever appends at once and whoever fails', async () => {
    const numbers = Array.from({ length: 80 }, (_, i) => i);
    const failing = (pool: Pool, i: number) =>
      inTransaction(pool, async (client) => {
        await appendLeaves(client, [leafAt(1000 + i)]);
        throw new Error('rolled back');
      }).catch(() => undefined);
    await Promise.all(
      numbers.flatMap((i) => [append(pools[i % 2]!, leafAt(i)), ...(i % 8 === 0 ? [failing(pools[0]!, i)] : [])]),
    );
    await new TreeHeads(pools[0]!).add(INTERVAL, sign);
    const leaves = await new LogTiles(pools[0]!).entries(0);
    expect(leaves).toHaveLength(80);
    const head = await new TreeHeads(pools[1]!).latest();
    expect(head).toMatchObject({ size: 80 });
    expect(Buffer.from(head!.root).equals(merkleRoot(sha256, leaves))).toBe(true);
    const { rows } = await database.admin.query<{ level: number; index: string; hash: Buffer }>(
      'select * from log.node',
    );
    const frontier = new Frontier(sha256);
    const nodes = leaves.flatMap((leaf) => frontier.append(leafHash(sha256, leaf)));
    const named = ({ level, index, hash }: { level: number; index: number | string; hash: Uint8Array }) =>
      `${level}/${index} ${Buffer.from(hash).toString('hex')}`;
    expect(rows.map(named).sort()).toEqual(nodes.map(named).sort());
  });

  it('[LOG16] keeps a leaf in its place when it comes again, and refuses another one of its subject', async () => {
    expect(await append(pools[0]!, leafAt(1), leafAt(2))).toEqual([0, 1]);
    expect(await append(pools[1]!, leafAt(2), leafAt(3), leafAt(1))).toEqual([1, 2, 0]);
    const other = { ...leafAt(1), digest: Uint8Array.from(randomBytes(32)) } as LogLeaf;
    await expect(append(pools[0]!, leafAt(4), other)).rejects.toMatchObject({ code: 'contradiction' });
    expect(await append(pools[0]!, leafAt(5))).toEqual([3]);
  });

  // Kills: heads by each coordinator's own timer, or one for whoever asks.
  it('[LOG17] has one head of a moment however many coordinators try, on the schedule, and only when there is news', async () => {
    const heads = pools.map((pool) => new TreeHeads(pool));
    const schedule = { intervalMs: 50, keepAlive: 4 };
    expect(await heads[0]!.add(schedule, sign)).toBe(false);
    await append(pools[0]!, leafAt(0));
    const until = Date.now() + 1500;
    let added = 0;
    for (let i = 1; Date.now() < until; i++) {
      if (i % 20 === 0 && i < 100) await append(pools[i % 2]!, leafAt(i));
      const outcomes = await Promise.all([...heads, ...heads].map((one) => one.add(schedule, sign)));
      added += outcomes.filter(Boolean).length;
    }
    const all = await heads[0]!.page(0);
    expect(all).toHaveLength(added);
    expect(all.every(({ timestamp }) => timestamp % 50 === 0)).toBe(true);
    const gaps = all
      .slice(1)
      .map(({ size, timestamp }, i) => ({ news: size - all[i]!.size, ms: timestamp - all[i]!.timestamp }));
    expect(gaps.filter(({ ms }) => ms < 50)).toEqual([]);
    // Without news the log shows itself alive, and no sooner.
    expect(gaps.filter(({ news, ms }) => news === 0 && ms < 200)).toEqual([]);
    expect(gaps.some(({ news }) => news === 0)).toBe(true);
  });

  it('[LOG4] serves only what the latest head covers, in whole tiles', async () => {
    const tiles = new LogTiles(pools[0]!);
    await append(pools[0]!, ...Array.from({ length: 300 }, (_, i) => leafAt(i)));
    expect(await tiles.entries(0)).toHaveLength(0);
    await new TreeHeads(pools[0]!).add(INTERVAL, sign);
    await append(pools[0]!, leafAt(300));
    const widths = await Promise.all([
      tiles.entries(0),
      tiles.entries(1),
      tiles.entries(2),
      tiles.hashes(0, 1),
      tiles.hashes(1, 0),
      tiles.hashes(2, 0),
    ]);
    expect(widths.map(({ length }) => length)).toEqual([256, 44, 0, 44, 1, 0]);
    const root = merkleRoot(sha256, widths[0]!);
    expect(Buffer.from(widths[4]![0]!).equals(root)).toBe(true);
  });
});
