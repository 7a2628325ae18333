import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { KmsCommand, LocalEncryption, openMasterKey, type KeyEncryption } from './index.js';

const CONTEXT = { useCase: 'digits', suite: 'poprf-ristretto255-sha512' };
const KEY = new Uint8Array(32).map((_, i) => i + 100);

/** A KMS of one file: AES-256-GCM under a key of its own, in OpenSSL's stead. Misbehaves on request. */
const KMS = `#!/usr/bin/env node
const { createCipheriv, createDecipheriv, createHash, randomBytes } = require('node:crypto');
const [verb, context] = process.argv.slice(2);
const key = createHash('sha256').update('a key that never leaves the KMS').digest();
const input = Buffer.from(require('node:fs').readFileSync(0, 'utf8'), 'base64');
const mode = require('node:path').basename(process.argv[1]);
if (mode === 'fails') { console.error(input.toString('base64')); process.exit(7); }
if (mode === 'leaks') { console.log('the key is ' + input.toString('hex')); process.exit(0); }
if (mode === 'floods') { for (;;) process.stdout.write('A'.repeat(65536)); }
if (mode === 'nosy') { console.log(Buffer.from(process.env.DATABASE_URL ?? 'none').toString('base64')); process.exit(0); }
let output;
if (verb === 'wrap') {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  output = Buffer.concat([nonce, cipher.update(input), cipher.final(), cipher.getAuthTag()]);
} else {
  const decipher = createDecipheriv('aes-256-gcm', key, input.subarray(0, 12)).setAAD(Buffer.from(context));
  decipher.setAuthTag(input.subarray(-16));
  output = Buffer.concat([decipher.update(input.subarray(12, -16)), decipher.final()]);
}
console.log(output.toString('base64'));
`;

let directory: string;
const program = (name: string): string => join(directory, name);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-kms-'));
  for (const name of ['kms', 'fails', 'leaks', 'floods', 'nosy']) {
    await writeFile(program(name), KMS);
    await chmod(program(name), 0o700);
  }
});
afterAll(() => rm(directory, { recursive: true }));

const sentenceOf = (refused: Promise<unknown>): Promise<string> =>
  refused.then(
    () => 'no refusal',
    (error: Error) => error.message,
  );

const adapters: [string, () => KeyEncryption][] = [
  ['a master key in memory', () => new LocalEncryption(new Uint8Array(32).fill(7))],
  ['a KMS behind a program', () => new KmsCommand(program('kms'))],
];

describe.each(adapters)('%s', (_, open) => {
  it('[KEY1] opens what it wrapped, and nothing of the key shows', async () => {
    const wrapped = await open().wrap(KEY, CONTEXT);
    expect(Buffer.from(await open().unwrap(wrapped, CONTEXT))).toEqual(Buffer.from(KEY));
    expect(Buffer.from(wrapped).includes(Buffer.from(KEY.subarray(0, 8)))).toBe(false);
    expect(Buffer.from(await open().wrap(KEY, CONTEXT)).equals(wrapped)).toBe(false);
  });

  // Kills: leaving the context out of the associated data.
  it('[KEY1] does not open a row that was moved, or changed in any bit', async () => {
    const wrapped = await open().wrap(KEY, CONTEXT);
    await expect(open().unwrap(wrapped, { ...CONTEXT, useCase: 'letters' })).rejects.toMatchObject({
      name: 'StorageError',
    });
    await expect(open().unwrap(wrapped, { ...CONTEXT, suite: 'other' })).rejects.toMatchObject({
      name: 'StorageError',
    });
    for (const i of [0, 1, wrapped.length >> 1, wrapped.length - 1]) {
      const changed = wrapped.map((byte, at) => (at === i ? byte ^ 1 : byte));
      await expect(open().unwrap(changed, CONTEXT)).rejects.toMatchObject({ name: 'StorageError' });
    }
  });
});

describe('a wrong master key', () => {
  it('[KEY1] is told in a sentence with both names, and no byte of either', async () => {
    const [right, wrong] = [randomBytes(32), randomBytes(32)];
    const wrapped = await new LocalEncryption(right).wrap(KEY, CONTEXT);
    const refused = new LocalEncryption(wrong).unwrap(wrapped, CONTEXT);
    await expect(refused).rejects.toMatchObject({
      code: 'wrong_master_key',
      message: expect.stringMatching(
        /^The primary key of digits was wrapped under another master key \([0-9a-f]{16}\)/,
      ),
    });
    const message = await sentenceOf(refused);
    for (const secret of [right, wrong]) expect(message).not.toContain(secret.toString('hex').slice(0, 16));
  });

  it('[KEY1] each adapter says whose key it is', async () => {
    const [local, kms] = [new LocalEncryption(randomBytes(32)), new KmsCommand(program('kms'))];
    await expect(local.unwrap(await kms.wrap(KEY, CONTEXT), CONTEXT)).rejects.toThrow('wrapped by a KMS');
    await expect(kms.unwrap(await local.wrap(KEY, CONTEXT), CONTEXT)).rejects.toThrow('not wrapped by the KMS');
  });

  it('[KEY1] what was wrapped before master keys had names is still opened', async () => {
    // AES-256-GCM of 32 bytes 0x2a under 32 bytes 0x07, nonce of 12 bytes 0x03, and the context, as it was written then.
    const former = Buffer.from(FORMER, 'hex');
    const opened = await new LocalEncryption(new Uint8Array(32).fill(7)).unwrap(former, CONTEXT);
    expect(Buffer.from(opened)).toEqual(Buffer.alloc(32, 0x2a));
    await expect(new LocalEncryption(new Uint8Array(32).fill(8)).unwrap(former, CONTEXT)).rejects.toMatchObject({
      code: 'wrong_master_key',
    });
  });
});

describe('a program that misbehaves', () => {
  // Kills: putting stdout, stderr or Node's own message, which has the command line, into the error.
  it.each([
    ['fails', 'ended with code 7'],
    ['leaks', 'did not answer in base64'],
    ['floods', 'wrote more than 65536 bytes'],
    ['absent', 'could not be run (ENOENT)'],
  ])('[KEY2] is named with what went wrong, and none of its words: %s', async (name, how) => {
    const failed = new KmsCommand(program(name)).wrap(KEY, CONTEXT);
    await expect(failed).rejects.toMatchObject({ code: 'kms_failed', message: expect.stringContaining(how) });
    const message = await sentenceOf(failed);
    for (const encoding of ['hex', 'base64'] as const) {
      expect(message).not.toContain(Buffer.from(KEY).toString(encoding).slice(0, 12));
    }
  });

  it('[KEY2] runs without a shell and does not learn where the database is', async () => {
    await expect(new KmsCommand(`${program('kms')}; echo`).wrap(KEY, CONTEXT)).rejects.toThrow('ENOENT');
    process.env['DATABASE_URL'] = 'postgres://secret';
    const told = await new KmsCommand(program('nosy')).wrap(KEY, CONTEXT);
    delete process.env['DATABASE_URL'];
    expect(Buffer.from(told.subarray(1)).toString()).toBe('none');
  });
});

describe('the settings', () => {
  const hex = '07'.repeat(32);

  it('[KEY1] exactly one of file, environment and KMS must be given', async () => {
    for (const settings of [{}, { MASTER_KEY: hex, KMS_COMMAND: 'kms' }, { MASTER_KEY: hex, MASTER_KEY_FILE: 'x' }]) {
      await expect(openMasterKey(settings)).rejects.toMatchObject({
        code: 'invalid_environment',
        message: expect.stringContaining('exactly one of MASTER_KEY_FILE, MASTER_KEY, KMS_COMMAND'),
      });
    }
  });

  it('[KEY1] file and environment are the same key; a file that others can read, or of another length, is refused', async () => {
    const file = join(directory, 'master.key');
    await writeFile(file, Buffer.from(hex, 'hex'), { mode: 0o600 });
    const wrapped = await (await openMasterKey({ MASTER_KEY: hex })).wrap(KEY, CONTEXT);
    const opened = await (await openMasterKey({ MASTER_KEY_FILE: file })).unwrap(wrapped, CONTEXT);
    expect(Buffer.from(opened)).toEqual(Buffer.from(KEY));
    await chmod(file, 0o640);
    await expect(openMasterKey({ MASTER_KEY_FILE: file })).rejects.toMatchObject({ code: 'exposed_secret' });
    await chmod(file, 0o600);
    await writeFile(file, 'short');
    await expect(openMasterKey({ MASTER_KEY_FILE: file })).rejects.toMatchObject({ code: 'bad_secret' });
    await expect(openMasterKey({ MASTER_KEY_FILE: `${file}x` })).rejects.toMatchObject({ code: 'bad_secret' });
  });
});

const FORMER =
  '0303030303030303030303030fd4892970027468506a6976c17dd526c716cac59ebfbe5a05f4ad9bc9cf6a92a2230e313a7b67410fc53ca41e2db0c3';
