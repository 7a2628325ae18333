import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from '@jest/globals';

import { BUNDLE } from './page-server.js';

describe('the library for browsers', () => {
  // Kills: a dependency that is too heavy for a web page; libsodium or TensorFlow.js drawn in by the front door.
  it('[DEV24] is one file of less than 150 kB gzipped, with cryptography, schemas and sockets', async () => {
    const bundle = await readFile(BUNDLE);
    const gzipped = gzipSync(bundle).length;
    console.log(`the device library: ${bundle.length} bytes, ${gzipped} gzipped`);
    expect(gzipped).toBeLessThan(150_000);
    expect(gzipped).toBeGreaterThan(50_000);
  });

  // Kills: an import that only a bundler of the page's own would resolve; anything of Node.
  it('[DEV24] imports nothing, and names nothing of Node', async () => {
    const text = await readFile(BUNDLE, 'utf8');
    expect(text).not.toMatch(/\bfrom\s*["']|\bimport\s*["'(]|\brequire\(/);
    expect(text).not.toMatch(/["']node:|\bprocess\.|(?<![A-Za-z])Buffer\./);
    expect(text).toMatch(/export \{.*browserPlatform/s);
  });
});
