import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { parameterCount } from '#protocol';

import { enrolCohort } from '../fixtures/cohort.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, receiptOf, submit, told } from '../fixtures/submission.js';

const PROGRAM = fileURLToPath(new URL('../fixtures/kms.js', import.meta.url));

let directory: string;
let starling: TestStarling;
const env = (seed: string): Record<string, string> => ({
  MASTER_KEY_FILE: '',
  KMS_COMMAND: join(directory, 'kms'),
  STARLING_TEST_KMS_SEED: seed,
});
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-kms-'));
  await writeFile(join(directory, 'kms'), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
  await chmod(join(directory, 'kms'), 0o700);
  starling = await startStarling({ issuers: [env('right')], intakes: [env('right')], without: ['worker'] });
}, 120_000);
afterAll(async () => {
  await starling.stop();
  await rm(directory, { recursive: true });
});

describe('a deployment whose master key is in a KMS', () => {
  it('[KEY2] issues and redeems, and no process has the master key', async () => {
    const manifest = await starling.researcher.createUseCase();
    const [member] = await enrolCohort(starling, manifest, 1);
    await starling.researcher.startRounds(manifest.useCase);
    const round = await awaitOpenRound(starling.coordinator, manifest.useCase);
    const zeros = payloadOf(Array.from({ length: parameterCount(manifest) }, () => 0));
    const submission = prepare(round, member!.tokens[0]!, zeros);
    expect(told(await submit(starling.intake, submission))).toBe(receiptOf(submission));
    const { rows } = await starling.database.admin.query('select get_byte(wrapped, 0) as by from keys.primary_key');
    expect(rows).toEqual([{ by: 2 }]);
  });

  // Kills: a process that starts with a wrong master key and fails at the first token.
  it.each([
    { role: 'issuer', wrong: () => ({ MASTER_KEY: '07'.repeat(32) }), sentence: 'wrapped by a KMS' },
    { role: 'intake', wrong: () => env('wrong'), sentence: 'KMS_COMMAND' },
  ] as const)('[KEY1] $role does not start with a wrong one, and says why', async ({ role, wrong, sentence }) => {
    const main = fileURLToPath(new URL(`../../apps/${role}/src/main.js`, import.meta.url));
    const own = {
      DATABASE_URL: starling.database.urlOf(role),
      BODIES_DIRECTORY: directory,
      PERMIT_KEY: '08'.repeat(32),
    };
    const child = { PATH: process.env['PATH'], PORT: '0', ...own, ...wrong() };
    const said = await new Promise<{ code: unknown; text: string }>((resolve) =>
      execFile(process.execPath, [main], { env: child, timeout: 60_000 }, (error, _, text) =>
        resolve({ code: error?.code, text }),
      ),
    );
    expect(said.code).toBe(1);
    expect(said.text).toContain(sentence);
  });
});
