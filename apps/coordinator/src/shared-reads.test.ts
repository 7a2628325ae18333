import { expect, it } from '@jest/globals';

import { SharedReads } from './shared-reads.js';

/** Reads that end when they are told to. */
function slowReads() {
  const begun: { readonly key: string; readonly end: (answer: string) => void; readonly fail: () => void }[] = [];
  const reads = new SharedReads(
    (key) =>
      new Promise<string>((resolve, reject) =>
        begun.push({ key, end: resolve, fail: () => reject(new Error('lost')) }),
      ),
  );
  return { begun, reads };
}

// Kills: a read a question; a read under way that is shared with who asks later; one key's answer for another's.
it('[LOD9] a crowd is answered by two reads, and none of it by one that began before it asked', async () => {
  const { begun, reads } = slowReads();
  const early = reads.get('a');
  const crowd = Array.from({ length: 100 }, () => reads.get('a'));
  const other = reads.get('b');
  expect(begun.map(({ key }) => key)).toEqual(['a', 'b']);
  begun[0]!.end('before');
  expect(await early).toBe('before');
  await Promise.resolve();
  expect(begun).toHaveLength(3);
  const later = reads.get('a');
  begun[2]!.end('after');
  begun[1]!.end('of b');
  expect(new Set(await Promise.all(crowd))).toEqual(new Set(['after']));
  expect(await other).toBe('of b');
  begun[3]!.end('later still');
  expect(await later).toBe('later still');
});

// Kills: a failed read that is kept, or that fails those who asked after it began.
it('[LOD9] a read that failed fails those who shared it, and nobody else', async () => {
  const { begun, reads } = slowReads();
  const first = reads.get('a');
  const second = reads.get('a');
  begun[0]!.fail();
  await expect(first).rejects.toThrow('lost');
  await Promise.resolve();
  begun[1]!.end('found');
  expect(await second).toBe('found');
  const third = reads.get('a');
  expect(begun).toHaveLength(3);
  begun[2]!.end('again');
  expect(await third).toBe('again');
});
