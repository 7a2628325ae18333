import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually } from '../fixtures/patience.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

const MAIN = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));

const PATIENCE = { withinMs: 30_000 };
let starling: TestStarling;
beforeAll(async () => {
  starling = await startStarling({ without: ['intake', 'worker'] });
}, 120_000);
afterAll(() => starling.stop());

interface Watching {
  readonly child: ChildProcess;
  readonly said: string[];
}

function watching(...args: readonly string[]): Watching {
  const env = {
    PATH: process.env['PATH'],
    STARLING_URL: starling.coordinator,
    STARLING_API_KEY: starling.researcher.apiKey,
  };
  const child = spawn(process.execPath, [MAIN, ...args, '--watch'], { env });
  const said: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
  return { child, said };
}

describe('--watch', () => {
  // Kills: a loop that says the same again and again, or never looks again.
  it('[CMD41] says what is new when it is, and ends with 0 on Ctrl-C', async () => {
    const { child, said } = watching('use-case', 'list', '--json');
    await eventually('the first answer', () => said.length === 1, PATIENCE);
    expect(said).toEqual(['[]\n']);
    const { useCase } = await starling.researcher.createUseCase();
    const isLive = (): boolean => said.at(-1)!.includes(useCase) && said.at(-1)!.includes('"live"');
    await eventually('the new use case', isLive, PATIENCE);
    for (const text of said) expect(Array.isArray(JSON.parse(text))).toBe(true);
    expect(new Set(said).size).toBe(said.length);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('[CMD41] what is wrong from the start is said as without it', async () => {
    const { child, said } = watching('round', 'list', '--url', 'http://127.0.0.1:1');
    expect(await once(child, 'exit')).toEqual([3, null]);
    expect(said).toEqual([]);
  });

  // Kills: an end at the first trouble; a trouble that hides what comes after it.
  it('[CMD41] goes on with its options, and says that the coordinator is away', async () => {
    const { useCase } = await starling.researcher.createUseCase();
    await starling.researcher.startRounds(useCase);
    const { child, said } = watching('round', 'list', '--use-case', useCase);
    await eventually('the first answer', () => said.length === 1, PATIENCE);
    expect(said[0]).toMatch(new RegExp(`^USE CASE [^]*\\n${useCase} .*scheduled`));
    // It comes back elsewhere.
    const former = starling.url('coordinator');
    starling.kill('coordinator');
    await eventually('another answer', () => said.length > 1, PATIENCE);
    expect(said[1]).toContain(former);
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    await once(child, 'exit');
  });
});
