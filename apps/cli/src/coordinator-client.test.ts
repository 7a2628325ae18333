import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { CliError } from './cli-error.js';
import { CoordinatorClient } from './coordinator-client.js';
import { addressOf } from './find-coordinator.js';
import { downloadModel, resolveModel } from './model-download.js';
import { readRunning, writeRunning } from './stack/running.js';
import { readUseCaseFile } from './use-case-file.js';

let directory: string;
let server: Server;
let answer: (response: ServerResponse) => void;
let coordinator: CoordinatorClient;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-cli-'));
  server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  coordinator = new CoordinatorClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'k' });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

const errorOf = (promise: Promise<unknown>): Promise<CliError> =>
  promise.then(
    () => {
      throw new Error('it went well');
    },
    (error: CliError) => error,
  );

describe('talking to a coordinator', () => {
  it('[CMD3] a refusal is its sentence and code, and exit code 1', async () => {
    answer = (response) =>
      response.writeHead(409).end('{"code":"wrong_state","message":"This round is published already."}');
    expect(await errorOf(coordinator.abortRound('x'))).toMatchObject({
      exitCode: 1,
      code: 'wrong_state',
      message: 'This round is published already.',
    });
  });

  it.each([
    { name: 'something else answers', reply: (response: ServerResponse) => response.writeHead(404).end('<html>') },
    { name: 'it answers, but no JSON', reply: (response: ServerResponse) => response.end('hello') },
  ])('[CMD2] exit code 3 where $name', async ({ reply }) => {
    answer = reply;
    expect(await errorOf(coordinator.listUseCases())).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('no Starling coordinator'),
    });
  });

  it('[CMD2] exit code 3 where nothing listens, and the sentence says what to run', async () => {
    server.close();
    const error = await errorOf(coordinator.listUseCases());
    expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining('npx starling up') });
  });

  it('[CMD4] is found by flag, by environment, or in the directory; the local key goes to the local one only', async () => {
    const urls = { coordinator: 'http://127.0.0.1:4000', issuer: 'http://a', intake: 'http://b', worker: 'http://c' };
    expect(await errorOf(addressOf({ directory }, {}))).toMatchObject({ exitCode: 3 });
    await mkdir(join(directory, 'secrets'));
    await writeFile(join(directory, 'secrets', 'api-key'), 'local-key');
    await writeRunning(directory, { ...urls, deploymentKey: '00' });
    expect(await addressOf({ directory }, {})).toEqual({ url: urls.coordinator, key: 'local-key' });
    expect(await addressOf({ directory, key: 'mine' }, {})).toEqual({ url: urls.coordinator, key: 'mine' });
    expect(await addressOf({ directory }, { STARLING_URL: 'https://far/' })).toEqual({
      url: 'https://far',
      key: undefined,
    });
    expect(
      await addressOf({ directory, url: 'https://x' }, { STARLING_URL: 'https://far', STARLING_API_KEY: 'e' }),
    ).toEqual({
      url: 'https://x',
      key: 'e',
    });
    expect(await errorOf(addressOf({ directory, url: 'far' }, {}))).toMatchObject({ exitCode: 2 });
  });

  // Mutant: believing the file. A key would go to whatever listens at a dead Starling's port by now.
  it('[CMD4] what a killed process left behind does not count', async () => {
    await writeRunning(directory, {
      coordinator: 'http://a',
      issuer: 'http://a',
      intake: 'http://b',
      worker: 'http://c',
      deploymentKey: '00',
    });
    expect(await readRunning(directory)).toMatchObject({ pid: process.pid });
    const path = join(directory, 'running.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace(`"${process.pid}-`, '"999999999-'));
    expect(await readRunning(directory)).toBeUndefined();
  });
});

describe('models', () => {
  const header = Buffer.from('{}      ');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(8n);
  const numbers = Buffer.from([1, 2, 3, 4]);
  const bytes = Buffer.concat([length, header, numbers]);
  const digest = createHash('sha256').update(bytes).digest('hex');
  const source = (weights: Uint8Array = numbers) => ({
    downloadModel: async () => bytes,
    downloadLayers: async () => ({ modelJson: Buffer.from('{}'), weights }),
  });

  it('[CMD5] are written in both formats', async () => {
    const files = await downloadModel(source(), digest, join(directory, 'out'));
    expect(files).toMatchObject({ digest, layers: join(directory, 'out', 'model.json') });
    expect(await readdir(join(directory, 'out'))).toEqual(['model.json', 'model.safetensors', 'weights.bin']);
  });

  it.each([
    { name: 'other bytes than its digest says', from: source(), wanted: '00'.repeat(32) },
    { name: 'other numbers in the layers format', from: source(Buffer.from([1, 2, 3, 5])), wanted: digest },
  ])('[CMD5] are not written with $name', async ({ from, wanted }) => {
    expect(await errorOf(downloadModel(from, wanted, join(directory, 'out')))).toMatchObject({ exitCode: 1 });
    expect(await readdir(directory)).toEqual([]);
  });

  it('[CMD5] of a use case without topology come as safetensors only', async () => {
    const downloadLayers = () => Promise.reject(new CliError(1, 'bare', 'not_found'));
    expect(await downloadModel({ ...source(), downloadLayers }, digest, directory)).toMatchObject({ layers: null });
    expect(await readdir(directory)).toEqual(['model.safetensors']);
  });

  it('[CMD5] are named by digest, by use case, or by use case and version', async () => {
    const models = [2, 1].map((version) => ({ version, digest: `${version}` }));
    const from = { listModels: async () => models as never };
    expect(await resolveModel(from, digest)).toBe(digest);
    expect(await resolveModel(from, 'digits')).toBe('2');
    expect(await resolveModel(from, 'digits@1')).toBe('1');
    expect(await errorOf(resolveModel(from, 'digits@7'))).toMatchObject({ exitCode: 1 });
  });
});

describe('a use case file', () => {
  const draft = {
    id: 'digits',
    title: 'Digits',
    layout: [{ name: 'w', shape: [1] }],
    initialModel: 'first.safetensors',
  };
  const uploads = { upload: async (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex') };
  const write = async (value: unknown): Promise<string> => {
    await writeFile(join(directory, 'use-case.json'), JSON.stringify(value));
    await writeFile(join(directory, 'first.safetensors'), 'model');
    return join(directory, 'use-case.json');
  };

  it('[CMD8] has its files uploaded, and its digests left alone', async () => {
    const evaluationSet = 'ab'.repeat(32);
    const read = await readUseCaseFile(await write({ ...draft, evaluationSet }), uploads);
    expect(read).toMatchObject({ initialModel: await uploads.upload(Buffer.from('model')), evaluationSet, kMin: 40 });
  });

  it.each([
    { name: 'a field is wrong', change: { kMin: 0 }, message: /kMin/ },
    { name: 'a file is missing', change: { topology: 'nowhere.json' }, message: /nowhere\.json cannot be read/ },
  ])('[CMD8] is refused, by name, when $name', async ({ change, message }) => {
    const path = await write({ ...draft, ...change });
    expect(await errorOf(readUseCaseFile(path, uploads))).toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(message),
    });
  });
});
