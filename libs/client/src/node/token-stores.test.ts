import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { EncryptedTokenStore } from '../encrypted-token-store.js';
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
  ['encrypted bytes', () => new EncryptedTokenStore(new MemoryTokenStore(), new Uint8Array(32).fill(7))],
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
    store.close();
    expect(await readdir(join(root, 'modes'))).toEqual(['wallet']);
  });

  it('[DEV18] have plain names only', async () => {
    await expect(new FileTokenStore(root).read('../secret')).rejects.toThrow(RangeError);
  });

  it('[DEV18] an interrupted write leaves the old value, and its draft does not stay', async () => {
    const store = new FileTokenStore(join(root, 'torn'));
    await store.write('wallet', Uint8Array.of(1));
    await writeFile(join(root, 'torn', 'wallet.draft'), 'half of somethi');
    expect(await store.read('wallet')).toEqual(Uint8Array.of(1));
    await store.write('wallet', Uint8Array.of(2));
    expect(await store.read('wallet')).toEqual(Uint8Array.of(2));
    store.close();
    expect(await readdir(join(root, 'torn'))).toEqual(['wallet']);
  });
});

describe('an encrypted store', () => {
  const key = Uint8Array.from(randomBytes(32));

  // Kills: encrypting nothing; one IV for all; values that may change places.
  it('[DEV23] keeps nothing readable, and the same value never twice the same', async () => {
    const inner = new MemoryTokenStore();
    const store = new EncryptedTokenStore(inner, key);
    const secret = new TextEncoder().encode('a token and its output');
    await store.write('one', secret);
    const first = (await inner.read('one'))!;
    await store.write('one', secret);
    expect(await store.read('one')).toEqual(secret);
    expect(Buffer.from(first).includes(Buffer.from(secret))).toBe(false);
    expect(await inner.read('one')).not.toEqual(first);
  });

  it('[DEV23] opens with its key only, under its name only, unchanged only', async () => {
    const inner = new MemoryTokenStore();
    const store = new EncryptedTokenStore(inner, key);
    await store.write('one', Uint8Array.of(1, 2, 3));
    const sealed = (await inner.read('one'))!;
    await expect(new EncryptedTokenStore(inner, new Uint8Array(32)).read('one')).rejects.toMatchObject({
      code: 'damaged_store',
    });
    await inner.write('two', sealed);
    await expect(store.read('two')).rejects.toMatchObject({ code: 'damaged_store' });
    for (let i = 0; i < sealed.length; i++) {
      await inner.write(
        'one',
        sealed.map((byte, j) => (i === j ? byte ^ 1 : byte)),
      );
      await expect(store.read('one')).rejects.toMatchObject({ code: 'damaged_store' });
    }
  });

  it('[DEV23] takes a key that cannot be exported', async () => {
    const sealed = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    const store = new EncryptedTokenStore(new MemoryTokenStore(), sealed);
    await store.write('one', Uint8Array.of(5));
    expect(await store.read('one')).toEqual(Uint8Array.of(5));
  });
});
