import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { MemoryTokenStore, type TokenStore } from '../token-store.js';
import { Wallet } from '../wallet.js';
import { FileTokenStore } from './file-token-store.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'starling-store-'));
});
afterAll(() => rm(root, { recursive: true }));

const stores: [string, (name: string) => TokenStore][] = [
  ['memory', () => new MemoryTokenStore()],
  ['files', (name) => new FileTokenStore(join(root, name, 'device'))],
];
const token = (slot: number) => ({ epoch: 1, slot, token: new Uint8Array(32), prf: new Uint8Array(64), uses: [] });
const place = { epoch: 1, slot: 0, useNo: 0 };
const transcript = (byte: number) => ({
  header: Uint8Array.of(byte),
  mac: new Uint8Array(32),
  payload: new Uint8Array(100).fill(byte),
});

describe.each(stores)('a token store of %s', (kind, create) => {
  it('[DEV18] reads what was written last, and nothing where nothing is', async () => {
    const store = create('plain');
    expect(await store.read('wallet')).toBeUndefined();
    await store.remove('wallet');
    await store.write('wallet', Uint8Array.of(1, 2));
    await store.write('wallet', Uint8Array.of(3));
    expect(await store.read('wallet')).toEqual(Uint8Array.of(3));
    await store.remove('wallet');
    expect(await store.read('wallet')).toBeUndefined();
  });

  // Kills: looking at a token and marking it in two steps.
  it('[DEV9] a token is marked for one of fifty updates at once, and keeps that one', async () => {
    const store = create('race');
    const wallet = await Wallet.open(store);
    await wallet.addTokens([token(0)]);
    const marks = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => wallet.markUsed(place, transcript(i))));
    expect(marks.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = marks.findIndex(({ status }) => status === 'fulfilled');
    expect(await (await Wallet.open(store)).inDoubt(place)).toEqual(transcript(winner));
  });

  it('[DEV18] what belongs to an update is forgotten when it is settled, and tokens with their epoch', async () => {
    const store = create('forget');
    const wallet = await Wallet.open(store);
    await wallet.addTokens([token(0), { ...token(0), epoch: 2 }]);
    await wallet.markUsed(place, transcript(7));
    await wallet.settle(place, { refused: 'round_closed' });
    expect(await store.read('update-1-0-0')).toBeUndefined();
    expect(await wallet.inDoubt(place)).toBeUndefined();
    await wallet.forgetBefore(2);
    expect((await Wallet.open(store)).tokens).toEqual([{ ...token(0), epoch: 2 }]);
  });

  // Kills: one mark a token, which would make its second use a skip, or its first one repeatable.
  it('[DEV9] each use of a token is marked for one update of its own', async () => {
    const wallet = await Wallet.open(create('uses'));
    await wallet.addTokens([token(0)]);
    await wallet.markUsed(place, transcript(1));
    await wallet.settle(place, { refused: 'round_closed' });
    await wallet.markUsed({ ...place, useNo: 1 }, transcript(2));
    await expect(wallet.markUsed(place, transcript(3))).rejects.toMatchObject({ code: 'token_used' });
    expect(await wallet.inDoubt({ ...place, useNo: 1 })).toEqual(transcript(2));
    expect(await wallet.inDoubt(place)).toBeUndefined();
  });

  it('[DEV18] a damaged wallet is an error, not an empty wallet', async () => {
    const store = create('damaged');
    await store.write('wallet', new TextEncoder().encode('{"tokens":'));
    await expect(Wallet.open(store)).rejects.toMatchObject({ code: 'damaged_store' });
    expect(kind).toBeDefined();
  });
});

describe('files', () => {
  it('[DEV18] are for their owner alone, and no draft is left behind', async () => {
    const store = new FileTokenStore(join(root, 'modes'));
    await store.write('wallet', Uint8Array.of(1));
    expect((await stat(join(root, 'modes'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(root, 'modes', 'wallet'))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(root, 'modes'))).toEqual(['wallet']);
  });

  it('[DEV18] have plain names only', async () => {
    await expect(new FileTokenStore(root).read('../secret')).rejects.toThrow(RangeError);
  });
});
