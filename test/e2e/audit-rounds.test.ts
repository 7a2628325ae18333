import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { AuditPage } from '#protocol';

import { commandsOf } from '../fixtures/admin-command.js';
import { eventually } from '../fixtures/patience.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

const MAIN = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));

let starling: TestStarling;
let useCase: string;
let rounds: string[];
beforeAll(async () => {
  starling = await startStarling({ without: ['intake', 'worker'] });
  ({ useCase } = await starling.researcher.createUseCase());
  rounds = await starling.researcher.startRounds(useCase, { count: 2 });
  await starling.researcher.abort(rounds[1]!);
}, 120_000);
afterAll(() => starling.stop());

describe('rounds in the audit log', () => {
  // Kills: a name that stands where the id has to stay; an id that is no round's and makes the page fail.
  it('[AUD5] are shown by use case and number, and in JSON by their id as well', async () => {
    const command = commandsOf(starling);
    const stranger = crypto.randomUUID();
    // The command looks first whether there is such a round.
    expect((await starling.researcher.call(`/rounds/${stranger}/abort`, {})).status).toBe(404);
    expect((await starling.researcher.call('/rounds/no-round/retry', {})).status).toBe(400);
    const { out } = await command('audit', 'list');
    expect(out).toMatch(new RegExp(`round\\.abort +done +${useCase}, round 2$`, 'm'));
    expect(out).toMatch(new RegExp(`round\\.abort +not_found +${stranger}$`, 'm'));
    expect(out).not.toContain(rounds[1]);
    const { entries } = JSON.parse((await command('audit', 'list', '--json')).out) as AuditPage;
    const aborts = entries.filter(({ act }) => act === 'round.abort');
    expect(aborts.map(({ subject, round }) => ({ subject, round }))).toEqual([
      { subject: stranger, round: null },
      { subject: rounds[1], round: { useCase, round: 2 } },
    ]);
    expect(entries.find(({ act }) => act === 'rounds.start')).toMatchObject({ subject: useCase, round: null });
  });

  it('[CMD41] audit list has --watch, and says what is new', async () => {
    const { researcher, coordinator } = starling;
    const env = { PATH: process.env['PATH'], STARLING_URL: coordinator, STARLING_API_KEY: researcher.apiKey };
    const child = spawn(process.execPath, [MAIN, 'audit', 'list', '--limit', '1', '--watch'], { env });
    const said: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
    await eventually('the first answer', () => said.length > 0, { withinMs: 30_000 });
    await researcher.abort(rounds[0]!);
    const isNew = (): boolean => said.at(-1)!.includes(`${useCase}, round 1`);
    await eventually('the new entry', isNew, { withinMs: 30_000 });
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
