import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { RoundView } from '#protocol';

import { commandsOf } from '../fixtures/admin-command.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

let starling: TestStarling;
let run: ReturnType<typeof commandsOf>;
beforeAll(async () => {
  starling = await startStarling({ intakes: [], without: ['worker'] });
  run = commandsOf(starling);
  for (const id of ['digits', 'others']) await starling.researcher.createUseCase({ id });
}, 120_000);
afterAll(() => starling.stop());

const rounds = async (): Promise<RoundView[]> =>
  JSON.parse((await run('round', 'list', '--use-case', 'digits', '--json')).out) as RoundView[];

describe('the round commands', () => {
  it('[CMD43] start names its rounds as people do, and gives ids to programs', async () => {
    const { code, out } = await run('round', 'start', 'digits', '--count', '2', '--min', '40');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^started +rounds 1 to 2 of digits\nepoch, slot .*\nnow .*\nwatch +npx starling round watch digits\n$/,
    );
    for (const { id } of await rounds()) expect(out).not.toContain(id);
    const asked = await run('round', 'start', 'digits', '--min', '40', '--json');
    expect(JSON.parse(asked.out)).toEqual({ rounds: [(await rounds())[2]!.id], warnings: [] });
  }, 60_000);

  it('[CMD43] abort and retry take a number, and say what comes next', async () => {
    const aborted = await run('round', 'abort', '3', '--use-case', 'digits');
    expect(aborted).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^Round 3 of digits is abandoned\.\n.*npx starling round retry 3 --use-case digits\n$/,
      ),
    });
    const retried = await run('round', 'retry', '3', '--use-case', 'digits');
    expect(retried.out).toMatch(/^Round 4 of digits is in its place\.\n.*npx starling round watch digits\n$/);
    expect((await rounds()).map(({ state, reason }) => reason ?? state)).toEqual([
      'scheduled',
      'scheduled',
      'aborted',
      'scheduled',
    ]);
  }, 60_000);

  // Kills: the first round of that number, whosever it is.
  it('[CMD43] a number that two use cases have is asked back', async () => {
    await run('round', 'start', 'others', '--min', '40');
    const { code, out, error } = await run('round', 'abort', '1');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toContain('Several use cases have a round 1');
    expect((await rounds())[0]!.state).toBe('scheduled');
  }, 60_000);
});
