import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { deploymentKeyOf, startPublicStarling } from '../fixtures/public-starling.js';
import type { TestStarling } from '../fixtures/starling.js';
import { compile, installClient, link, Program, readJson, run, type PackageJson } from '../fixtures/unpacked-client.js';
import type { UseCaseWish } from '../fixtures/researcher.js';

const CLI = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));
const SOFTMAX: UseCaseWish = {
  scale: 65_536,
  clip: 1,
  layout: [
    { name: 'logits/kernel', shape: [6, 3] },
    { name: 'logits/bias', shape: [3] },
  ],
};

let folder: string;
let starling: TestStarling;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starling-generate-'));
  starling = await startPublicStarling();
}, 120_000);
afterAll(async () => {
  await starling?.stop();
  await rm(folder, { recursive: true, force: true });
});

const generate = async (useCase: string, name: string, ...more: string[]) => {
  const args = [CLI, 'generate', useCase, '--url', starling.coordinator, '--out', join(folder, name), ...more];
  const program = new Program(folder, args);
  return { code: await program.ended, output: program.output, project: join(folder, name) };
};

/** The project as `npm install && npm test` would leave it; what its own test prints. */
async function buildAndTest(project: string): Promise<string> {
  const { dependencies, devDependencies } = await readJson<PackageJson>(join(project, 'package.json'));
  await installClient(project, join(project, dependencies['@starling/client']!.replace('file:', '')));
  await link(project, Object.keys(devDependencies!));
  const compiled = await compile(project).catch((error: unknown) => error as { stdout: string });
  expect(compiled.stdout).toBe('');
  const { stdout } = await run(process.execPath, ['--test', 'dist/test/model.test.js'], {
    cwd: project,
    env: { PATH: process.env['PATH'] },
  });
  return stdout;
}

describe('starling generate', () => {
  it('[GEN1] writes a project that compiles, passes its own test, and trains in a round of the real processes', async () => {
    const { useCase } = await starling.researcher.createUseCase(SOFTMAX);
    const { code, output, project } = await generate(useCase, 'softmax');
    expect([code, output]).toEqual([0, expect.stringContaining('softmax regression')]);
    expect(await buildAndTest(project)).toMatch(/(pass 4\b[^]*fail 0\b)/);

    const inputs = [0, 1, 2].map((label) => Array.from({ length: 6 }, (_, k) => (k % 3 === label ? 1 : 0)));
    await writeFile(join(project, 'examples.json'), JSON.stringify({ inputs, labels: [0, 1, 2] }));
    const enrolment = await starling.researcher.enrolmentCode(useCase, 1);
    const flags = ['--code', enrolment, '--examples', 'examples.json', '--rounds', '1', '--poll', '200'];
    const device = new Program(project, ['dist/src/device.js', ...flags]);
    await device.says('tokens fetched');
    const [round] = await starling.researcher.startRounds(useCase, { min: 1, target: 1 });
    const { modelOut } = await starling.researcher.awaitRound(round!, 'published');
    await device.says('accepted');
    expect(await device.ended).toBe(0);
    const model = new Uint8Array(await (await fetch(`${starling.coordinator}/v1/models/${modelOut!}`)).arrayBuffer());
    const numbers = new Float32Array(model.slice(-4 * 21).buffer);
    // It has learnt: each class weighs its own inputs more than those of the others.
    for (let k = 0; k < 6; k++) expect(Math.max(...numbers.slice(3 * k, 3 * k + 3))).toBe(numbers[3 * k + (k % 3)]);
  }, 120_000);

  // Kills: offsets, a scale or an encoding that are not the manifest's.
  it('[GEN2] says what the signed manifest says, in every encoding', async () => {
    for (const encoding of ['int16', 'int8', { topK: 5 }] as const) {
      const layout = [
        { name: 'a', shape: [4, 5] },
        { name: 'b/c', shape: [] },
        { name: 'd', shape: [7] },
      ];
      const manifest = await starling.researcher.createUseCase({ layout, encoding, scale: 50, clip: 2 });
      const name = JSON.stringify(encoding).replaceAll(/\W/g, '');
      const { code, output, project } = await generate(manifest.useCase, name, '--json');
      expect([code, JSON.parse(output)]).toEqual([0, expect.objectContaining({ trains: 'nothing' })]);
      expect(await buildAndTest(project)).toMatch(/pass 4\b[^]*fail 0\b/);
      const source = await readFile(join(project, 'src/use-case.ts'), 'utf8');
      expect(source).toContain(`{ name: "b/c", shape: [], offset: 20, length: 1 },`);
      expect(source).toContain(`export const ENCODING = ${JSON.stringify(encoding)} as const;`);
      expect(source).toContain(`export const DEPLOYMENT_KEY = "${await deploymentKeyOf(starling)}";`);
      expect(source).toContain('export const DIMENSION = 28;');
    }
  }, 180_000);

  // Kills: taking whatever the coordinator says for signed.
  it('[GEN3] overwrites nothing, and writes nothing from a manifest that another key signed', async () => {
    const { useCase } = await starling.researcher.createUseCase(SOFTMAX);
    const first = await generate(useCase, 'once');
    expect(first.code).toBe(0);
    const mine = join(first.project, 'src/train.ts');
    await writeFile(mine, 'mine');
    const second = await generate(useCase, 'once');
    expect([second.code, second.output]).toEqual([1, expect.stringContaining('nothing was written')]);
    expect(await readFile(mine, 'utf8')).toBe('mine');

    const forged = await generate(useCase, 'forged', '--deployment-key', 'ab'.repeat(32));
    expect([forged.code, forged.output]).toEqual([1, expect.stringContaining('untrusted_manifest')]);
    await expect(readFile(join(forged.project, 'package.json'))).rejects.toThrow('ENOENT');
  }, 60_000);
});
