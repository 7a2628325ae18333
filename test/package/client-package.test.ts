import { createServer } from 'node:http';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { launchBrowser } from '../browser/chromium.js';
import { deploymentKeyOf, startPublicStarling } from '../fixtures/public-starling.js';
import type { TestStarling } from '../fixtures/starling.js';
import {
  compile,
  installClient,
  link,
  Program,
  readJson,
  tarballPath,
  type PackageJson,
} from '../fixtures/unpacked-client.js';

let folder: string;
let installed: string;
let starling: TestStarling;
let useCase: string;
let deploymentKey: string;
/** that of the page in a browser, made before the issuer is told of it */
let site: Awaited<ReturnType<typeof serveSite>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starling-package-'));
  installed = await installClient(folder, await tarballPath());
  site = await serveSite();
  starling = await startPublicStarling({ origins: [site.origin] });
  ({ useCase } = await starling.researcher.createUseCase());
  deploymentKey = await deploymentKeyOf(starling);
}, 120_000);
afterAll(async () => {
  await starling?.stop();
  site?.close();
  await rm(folder, { recursive: true, force: true });
});

/** One update of a device that waits for it. */
async function playRound(): Promise<number> {
  const [round] = await starling.researcher.startRounds(useCase, { min: 1, target: 1 });
  return (await starling.researcher.awaitRound(round!, 'published')).accepted;
}

describe('@starling/client', () => {
  // Kills: a path that only this repository has, a dependency that nobody installs, an export that leads nowhere.
  it('[PKG1] imports what it declares and nothing private, and has all that it exports', async () => {
    const { dependencies, exports } = await readJson<PackageJson>(join(installed, 'package.json'));
    const entries = await readdir(installed, { recursive: true, withFileTypes: true });
    const sources = entries.filter((entry) => entry.isFile() && /\.(js|ts)$/.test(entry.name));
    expect(sources.length).toBeGreaterThan(20);
    const names = new Set<string>();
    for (const entry of sources) {
      const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
      for (const [, name] of text.matchAll(
        /(?:^(?:import|export)[^'"\n;]*?from\s*|^import\s*|import\()["']([^'"\n]+)["']/gm,
      ))
        names.add(name!);
    }
    const packages = [...names]
      .filter((name) => !/^(\.|node:)/.test(name))
      .map((name) =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    expect([...new Set(packages)].sort()).toEqual(Object.keys(dependencies).sort());
    for (const { types, default: code } of Object.values(exports['.'])) {
      expect(await readFile(join(installed, types!), 'utf8')).not.toBe('');
      expect(await readFile(join(installed, code!), 'utf8')).not.toBe('');
    }
    expect(await readdir(installed)).toEqual(expect.arrayContaining(['LICENSE', 'README.md']));
  });

  it("[PKG2] in an empty folder its README's own example takes part in a round, on Node", async () => {
    const readme = await readFile(join(installed, 'README.md'), 'utf8');
    const [, example] = /```js\n(.*?)```/s.exec(readme)!;
    expect(example!.trim().split('\n').length).toBeLessThanOrEqual(24);
    const program = example!
      .replace('https://starling.example', starling.coordinator)
      .replace("'digits'", `'${useCase}'`)
      .replace('DEPLOYMENT_KEY', deploymentKey);
    await writeFile(join(folder, 'device.mjs'), program);
    const device = new Program(folder, ['device.mjs', await starling.researcher.enrolmentCode(useCase, 1)]);
    await device.says('4 tokens');
    expect(await playRound()).toBe(1);
    expect([await device.ended, device.output]).toEqual([0, '4 tokens\naccepted\n']);
  }, 60_000);

  it('[PKG2] its errors have codes, and a key of another deployment is not taken', async () => {
    const code = JSON.stringify({
      coordinator: starling.coordinator,
      useCase,
      code: 'x',
      deploymentKey: 'ab'.repeat(32),
    });
    const program = `import { ClientError, enrol } from '@starling/client';
      await enrol(${code}).catch((error) => console.log(error instanceof ClientError, error.code));`;
    await writeFile(join(folder, 'stranger.mjs'), program);
    const stranger = new Program(folder, ['stranger.mjs']);
    await stranger.ended;
    expect(stranger.output).toBe('true untrusted_manifest\n');
  });

  // Kills: declarations with `any` where a type could not be found.
  it('[PKG3] has types: what is right compiles, what is wrong does not, with its declarations checked', async () => {
    await link(folder, ['@types/node']);
    const right = `import { enrol, ClientError, type Train, type ClientCode } from '@starling/client';
      const train: Train = ({ parameters, clip }) => parameters.map((value) => value * clip);
      const device = await enrol({ coordinator: '', useCase: '', code: '', deploymentKey: '' });
      const result = await device.participate(train);
      if (result.outcome === 'accepted') console.log(result.receipt.length);
      export const of = (error: ClientError): ClientCode => error.code;`;
    const wrong = `import type { Device } from '@starling/client';
      declare const device: Device;
      await device.participate(() => 'no update');
      console.log(device.manifest.nothing);`;
    await writeFile(join(folder, 'right.mts'), right);
    await writeFile(join(folder, 'wrong.mts'), wrong);
    const strict = ['--noEmit', '--strict', '--target', 'es2023', '--lib', 'es2023,dom'];
    // Declarations are checked once; a bundler finds those of the browser.
    for (const resolution of [
      ['--module', 'nodenext', '--skipLibCheck', 'false'],
      ['--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck'],
    ]) {
      const compiled = compile(folder, ...strict, ...resolution, 'right.mts', 'wrong.mts');
      const { stdout } = await compiled.catch((error: unknown) => error as { stdout: string });
      // What a training returns is float32, and the manifest has no such field.
      expect(stdout.match(/^\w.*error TS\d+/gm)).toEqual([
        expect.stringMatching(/^wrong\.mts\(3,.*TS2322$/),
        expect.stringMatching(/^wrong\.mts\(4,.*TS2339$/),
      ]);
    }
  }, 240_000);

  it('[PKG4] its bundle for browsers enrols and takes part in a round in Chromium, with one call each', async () => {
    const settings = { coordinator: starling.coordinator, useCase, deploymentKey };
    const code = await starling.researcher.enrolmentCode(useCase, 1);
    const { exports } = await readJson<PackageJson>(join(installed, 'package.json'));
    site.bundle = await readFile(join(installed, exports['.']['browser']!['default']!));
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(site.origin);
      await page.waitForFunction('window.starling');
      await page.evaluate(`starling.enrol(${JSON.stringify({ ...settings, code })}).then(async (device) => {
        await device.prefetch();
        window.device = device;
      })`);
      const accepted = playRound();
      const outcome = await page.evaluate(`(async () => {
        for (;;) {
          const { outcome } = await device.participate(({ parameters }) => parameters.map((value) => value + 0.5));
          if (outcome !== 'skipped') return outcome;
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      })()`);
      expect([outcome, await accepted]).toEqual(['accepted', 1]);
    } finally {
      await browser.close();
    }
  }, 60_000);
});

/** An app of two files on an origin of its own. */
async function serveSite() {
  const script = `import * as starling from './starling.js'; window.starling = starling;`;
  const site = { origin: '', bundle: Buffer.alloc(0), close: () => void server.close() };
  const server = createServer(({ url }, response) => {
    if (url === '/starling.js')
      return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(site.bundle);
    const page = `<!doctype html><title>An app</title><script type="module">${script}</script>`;
    response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return site;
}
