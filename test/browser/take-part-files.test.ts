import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startPublicStarling, deploymentKeyOf } from '../fixtures/public-starling.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

const BUILT = new URL('../../take-part/', import.meta.url);

let starling: TestStarling;
beforeAll(async () => {
  starling = await startPublicStarling();
}, 120_000);
afterAll(() => starling.stop());

describe('what the coordinator serves to take part', () => {
  // Kills: TensorFlow.js in the first load.
  it('[TKP7] is a page whose first load is below 300 kB gzipped: TensorFlow.js comes with the training', async () => {
    const page = await readFile(new URL('index.html', BUILT), 'utf8');
    const loaded = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(loaded.length).toBeGreaterThan(1);
    const sizes = await Promise.all(loaded.map(async (path) => gzipSync(await readFile(new URL(path, BUILT))).length));
    const total = sizes.reduce((sum, size) => sum + size, gzipSync(page).length);
    console.log(`the page that takes part: ${total} bytes gzipped`);
    expect(total).toBeLessThan(300_000);
    const files = await readdir(new URL('assets/', BUILT));
    expect(files.some((file) => file.startsWith('training.worker'))).toBe(true);
    expect(loaded.some((path) => path.includes('worker') || path.endsWith('.wasm'))).toBe(false);
  });

  // Kills: a policy that lets the page talk to anybody else, or run anything else.
  it('[TKP8] runs under a policy that names issuer and intake, and nobody else', async () => {
    const response = await fetch(`${starling.coordinator}/take-part/`);
    expect(response.status).toBe(200);
    const policy = new Map(
      response.headers
        .get('content-security-policy')!
        .split('; ')
        .map((rule) => [rule.slice(0, rule.indexOf(' ')), rule.slice(rule.indexOf(' ') + 1)]),
    );
    const sockets = starling.intake.replace('http', 'ws');
    expect(policy.get('connect-src')!.split(' ').sort()).toEqual(
      ["'self'", starling.issuer, starling.coordinator, starling.intake, sockets].sort(),
    );
    expect(policy.get('script-src')).toBe("'self' 'wasm-unsafe-eval'");
    expect(policy.get('default-src')).toBe("'self'");
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it('[TKP8] tells where the processes are and which key devices pin, or that it was not told', async () => {
    const { issuer, coordinator, intake, researcher } = starling;
    const { json } = await researcher.call('/deployment');
    const deploymentKey = await deploymentKeyOf(starling);
    expect(json).toEqual({
      issuer,
      coordinator,
      intake,
      deploymentKey,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    const silent = await startStarling({ without: ['issuer', 'intake', 'worker'] });
    try {
      const answer = await silent.researcher.call('/deployment');
      expect([answer.status, answer.json]).toEqual([404, expect.objectContaining({ code: 'not_found' })]);
    } finally {
      await silent.stop();
    }
  }, 60_000);

  // Kills: serving any blob, such as an evaluation set, or another use case's topology.
  it('[TKP9] gives a topology by its use case alone, byte for byte as the manifest has its digest', async () => {
    const bytes = Buffer.from('{ "class_name" : "Sequential",  "config": {"layers": []} }');
    const topology = await starling.researcher.upload(bytes);
    const evaluationSet = await starling.researcher.upload(Buffer.from('no device may have this'));
    const { useCase } = await starling.researcher.createUseCase({ topology, evaluationSet });
    const answer = await fetch(`${starling.coordinator}/v1/use-cases/${useCase}/topology`);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
    const bare = await starling.researcher.createUseCase();
    for (const path of [`${bare.useCase}/topology`, 'nowhere/topology', `${evaluationSet}/topology`]) {
      expect((await fetch(`${starling.coordinator}/v1/use-cases/${path}`)).status).toBeGreaterThanOrEqual(400);
    }
  });
});
