import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

describe('the front door', () => {
  // Kills: a convenience import that would keep the library out of a browser.
  it('[DEV19] needs nothing of Node: only its own node/ folder and tests name a node module or socket.io', () => {
    const folder = new URL('.', import.meta.url);
    const files = readdirSync(folder).filter((name) => name.endsWith('.js') && !/\.test(-server)?\.js$/.test(name));
    expect(files.length).toBeGreaterThan(15);
    const importing = files.filter((name) =>
      /from '(node:|socket\.io|\.\/node\/)/.test(readFileSync(new URL(name, folder), 'utf8')),
    );
    expect(importing).toEqual([]);
  });
});
