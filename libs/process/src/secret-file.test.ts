import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { readOrCreateSecret, writeSecretFile } from './secret-file.js';
import { scratch } from './testing/child-script.js';

const fresh = () => mkdtempSync(join(scratch, 'secret-'));

describe('secret files', () => {
  it('[PRC5] a secret is made once, has mode 600 whatever the umask, and stays', async () => {
    const directory = fresh();
    const path = join(directory, 'key');
    const umask = process.umask(0);
    const first = await readOrCreateSecret(path, 32).finally(() => process.umask(umask));
    expect(first).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await readOrCreateSecret(path, 32)).toEqual(first);
    expect(readdirSync(directory)).toEqual(['key']);
  });

  // Mutant: publishing by rename; then a late maker replaces the secret an early one already uses.
  it('[PRC5] of many makers at once all get the same secret', async () => {
    const path = join(fresh(), 'key');
    const secrets = await Promise.all(Array.from({ length: 20 }, () => readOrCreateSecret(path, 16)));
    expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(1);
  });

  // Mutant: no look at the mode.
  it.each([0o640, 0o604, 0o660])('[PRC6] a secret others can read is refused (mode %o)', async (mode) => {
    const path = join(fresh(), 'key');
    await writeSecretFile(path, Buffer.from('hunter2'));
    chmodSync(path, mode);
    const refusal = await readOrCreateSecret(path, () => Buffer.from('x')).catch((error: unknown) => error as Error);
    expect(refusal).toMatchObject({ code: 'exposed_secret' });
    expect((refusal as Error).message).toContain('chmod 600');
    expect((refusal as Error).message).not.toContain('hunter2');
  });

  it('[PRC6] an empty or cut-off secret is refused, not used', async () => {
    const path = join(fresh(), 'key');
    writeFileSync(path, '', { mode: 0o600 });
    await expect(readOrCreateSecret(path, () => Buffer.from('x'))).rejects.toMatchObject({ code: 'bad_secret' });
    await writeSecretFile(path, Buffer.alloc(31));
    await expect(readOrCreateSecret(path, 32)).rejects.toMatchObject({ code: 'bad_secret' });
  });

  it('[PRC5] writing replaces the file as a whole', async () => {
    const directory = fresh();
    const path = join(directory, 'key');
    await writeSecretFile(path, Buffer.from('first'));
    await writeSecretFile(path, Buffer.from('second'));
    expect(readFileSync(path, 'utf8')).toBe('second');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['key']);
  });
});
