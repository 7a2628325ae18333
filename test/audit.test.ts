import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const AUDIT = fileURLToPath(new URL('../../tools/audit.mjs', import.meta.url));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-audit-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** The audit where npm says this. */
async function auditOf(says: string): Promise<{ code: number; text: string }> {
  const npm = join(directory, 'npm');
  await writeFile(npm, `#!/bin/sh\ncat <<'SAYS'\n${says}\nSAYS\n`);
  await chmod(npm, 0o755);
  return new Promise((resolve) => {
    const env = { PATH: `${directory}:${process.env['PATH']}` };
    const child = execFile(process.execPath, [AUDIT], { env }, (_, out, error) =>
      resolve({ code: child.exitCode ?? -1, text: out + error }),
    );
  });
}

const report = (counts: { high: number; critical: number }): string =>
  JSON.stringify({
    metadata: { vulnerabilities: { low: 1, moderate: 2, ...counts } },
    vulnerabilities: { weak: { name: 'weak', severity: 'high', range: '<2' } },
  });

describe('the audit of dependencies', () => {
  // Kills: taking no answer for a good one, without a word.
  it('[SEC9] fails on high and critical only, and says loudly when nobody could be asked', async () => {
    expect(await auditOf(report({ high: 0, critical: 0 }))).toMatchObject({ code: 0 });
    expect(await auditOf(report({ high: 1, critical: 0 }))).toMatchObject({
      code: 1,
      text: expect.stringContaining('high: weak <2'),
    });
    expect(await auditOf(report({ high: 0, critical: 1 }))).toMatchObject({ code: 1 });
    for (const nothing of ['', 'a proxy says no', '{"message": "405"}']) {
      const answer = await auditOf(nothing);
      expect(answer).toMatchObject({ code: 0, text: expect.stringContaining('NOT AUDITED') });
    }
  });
});
