import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import {
  decodeHeader,
  encodingOfManifest,
  ENCODING,
  laneMessage,
  laneOf,
  type Manifest,
  type RoundRecord,
} from '#protocol';
import { encodingOf } from '#learning';

import { FIRST_EPOCH, random } from '../../libs/client/src/deployment.test-server.js';
import { TestLog } from '../../libs/client/src/log.test-server.js';
import { TestStarling } from '../../libs/client/src/starling.test-server.js';
import { sha256 } from '../fixtures/device.js';
import { hasPython, startPython, type RunningPython } from './python.js';
import { CLIPPING, privately } from './verdict-samples.js';

/* The client in Python against servers in memory that lie, lose answers and change their minds. */

let starling: TestStarling;
let store: string;
let running: RunningPython[] = [];
beforeEach(async () => {
  starling = await TestStarling.start();
  store = await mkdtemp(join(tmpdir(), 'starling-python-'));
});
afterEach(async () => {
  for (const python of running) python.kill();
  running = [];
  await starling.close();
  await rm(store, { recursive: true, force: true });
});

async function restart(changes: Partial<Manifest>): Promise<void> {
  await starling.close();
  starling = await TestStarling.start(changes);
}

function start(...flags: readonly string[]): RunningPython {
  const { issuer, coordinator, intake, useCase, code, deploymentKey } = starling.settings;
  const servers = ['--issuer', issuer, '--coordinator', coordinator, '--intake', intake, '--store', store];
  const one = ['tests/one_hot_device.py', '--coordinate', '3', '--value', '0.5', '--poll', '0.05'];
  const python = startPython([...one, useCase, code, deploymentKey, ...servers, ...flags]);
  running.push(python);
  return python;
}

/** What the device said last, and that it said nothing to stderr. */
async function told(python: RunningPython): Promise<Record<string, unknown>> {
  const { out, err } = await python.ended;
  expect(err).toBe('');
  return JSON.parse(out.trim().split('\n').at(-1)!) as Record<string, unknown>;
}

const run = (...flags: readonly string[]): Promise<Record<string, unknown>> => told(start(...flags));

/** Enrols and fetches tokens; then a round opens. */
async function openRound(changes: Partial<RoundRecord> = {}): Promise<void> {
  expect(await run('--rounds', '0')).toEqual({ tokens: 3 });
  starling.coordinator.open(starling.deployment.record(FIRST_EPOCH, 0, changes));
}

interface Kept {
  readonly identity: { readonly device_id?: string; readonly manifest_version: number };
  readonly tokens: readonly { readonly slot: number; readonly uses: readonly { readonly header: string }[] }[];
  readonly appointments: readonly { readonly epoch: number; readonly done: boolean }[];
}
const kept = async (): Promise<Kept> => JSON.parse(await readFile(join(store, 'wallet'), 'utf8')) as Kept;
const accepted = (): Uint8Array[] => [...starling.intake.accepted.values()].map(({ payload }) => payload);

describe('a device in Python', () => {
  // Kills: a proof that is not checked, or checked under the key that evaluated.
  it('[PYC8] stores no token of a batch that another key evaluated', async () => {
    if (!hasPython()) return;
    starling.issuer.otherKey = starling.deployment.suite.generatePrimaryKey(random);
    expect(await run('--rounds', '0')).toMatchObject({ error: 'malicious_issuer' });
    expect((await kept()).tokens).toEqual([]);
  });

  // Kills: an epoch that the issuer may choose.
  it('[PYC8] asks for no token in an epoch that is not now', async () => {
    if (!hasPython()) return;
    starling.issuer.announced = { epoch: FIRST_EPOCH + 3, nextSlot: 0 };
    expect(await run('--rounds', '0')).toMatchObject({ error: 'malicious_issuer' });
    expect(starling.issuer.issued).toBe(0);
  });

  // Kills: a receipt that is taken for good as it comes.
  it('[PYC8] does not take a receipt that intake cannot have made', async () => {
    if (!hasPython()) return;
    await openRound();
    starling.intake.otherReceipt = random(32);
    expect(await run()).toMatchObject({ error: 'forged_receipt' });
    // in doubt, so that the very same update is sent again
    expect((await kept()).tokens[0]!.uses).toEqual([expect.not.objectContaining({ settled: expect.anything() })]);
    starling.intake.otherReceipt = undefined;
    expect(await run()).toMatchObject({ outcome: 'accepted' });
    expect(new Set(starling.intake.opened).size).toBe(1);
  });

  // Kills: bytes of a model that nobody compared with the record.
  it('[PYC8] trains on no other model than the record names', async () => {
    if (!hasPython()) return;
    await openRound();
    const { deployment, coordinator } = starling;
    coordinator.otherModel = deployment.models.get(Buffer.from(deployment.addModel(1)).toString('hex'));
    expect(await run()).toMatchObject({ error: 'wrong_model' });
    expect((await kept()).tokens[0]!.uses).toEqual([]);
  });

  // Kills: a round, or a model to begin with, for one device alone.
  it('[PYC9] takes part in no round that the log does not have, and none that contradicts it or the manifest', async () => {
    if (!hasPython()) return;
    await openRound({ min: 1 });
    expect(await run()).toMatchObject({ error: 'bad_round' });
    starling.coordinator.open(starling.deployment.record(FIRST_EPOCH, 1, { issued: 1 }));
    expect(await run()).toEqual({ outcome: 'skipped', reason: 'too_few_tokens' });
    starling.coordinator.openUnlogged(starling.deployment.record(FIRST_EPOCH, 2));
    expect(await run()).toMatchObject({ error: 'unlogged' });
    expect(starling.intake.handshakes).toHaveLength(0);
  });

  it('[PYC9] believes nothing of a log that is not the one of before, or under another key', async () => {
    if (!hasPython()) return;
    await openRound();
    const { deployment } = starling;
    const { log } = deployment;
    // It has read two leaves, and the round's is the third.
    const [key, manifest, round] = log.leaves;
    for (const leaves of [[random(40), manifest, round], [key], [key, random(40)]]) {
      deployment.log = new TestLog(log.audience, deployment.logSecret, leaves as Uint8Array[]);
      expect(await run()).toMatchObject({ error: 'split_view' });
    }
    deployment.log = new TestLog(log.audience, random(32), log.leaves);
    expect(await run()).toMatchObject({ error: 'untrusted_log' });
    deployment.log = log;
    expect(await run()).toMatchObject({ outcome: 'accepted' });
  });

  // Kills: another update in each try, which could count twice.
  it('[PYC10] sends the very same update again until there is an answer, also after kill -9', async () => {
    if (!hasPython()) return;
    await openRound();
    const { intake } = starling;
    intake.lose['upload:commit'] = 1000;
    const dying = start();
    while (intake.opened.length < 1) await sleep(10);
    dying.kill();
    await dying.ended;
    Object.assign(intake.lose, { 'submit:open': 1, 'upload:chunk': 1, 'upload:commit': 0 });
    starling.coordinator.http.loseReplies = 1;
    intake.overloaded = 1;
    expect(await run()).toMatchObject({ outcome: 'accepted' });
    expect(new Set(intake.opened).size).toBe(1);
    expect(accepted()).toHaveLength(1);
    // each step has a connection of its own, and none says more than WebSocket wants
    expect(new Set(intake.handshakes.map(({ remotePort }) => remotePort)).size).toBe(intake.handshakes.length);
    for (const { headers } of intake.handshakes)
      expect(Object.keys(headers).sort()).toEqual([
        'connection',
        'host',
        'sec-websocket-key',
        'sec-websocket-version',
        'upgrade',
      ]);
  });

  // Kills: an issuance that was sent before its blinds were stored, or is made anew after a lost answer.
  it('[PYC10] a lost answer of the issuer is asked for again and charged once', async () => {
    if (!hasPython()) return;
    expect(await run('--rounds', '0')).toEqual({ tokens: 3 });
    starling.issuer.window = { epoch: FIRST_EPOCH, nextSlot: 3 };
    const { http } = starling.issuer;
    let isLost = true;
    http.server.prependListener('request', ({ url }) => {
      if (isLost && url!.endsWith('/tokens')) http.loseReplies = 1;
    });
    const asked = (): number => http.requests.filter(({ path }) => path.endsWith('/tokens')).length;
    const dying = start('--rounds', '0');
    while (asked() < 2) await sleep(5);
    dying.kill();
    await dying.ended;
    isLost = false;
    expect(await run('--rounds', '0')).toEqual({ tokens: 3 });
    expect([starling.issuer.issued, starling.issuer.devices.size]).toEqual([6, 1]);
  });

  // Kills: a way from an open round to the issuer.
  it('[PYC11] never fetches for a round that is open, unless it may', async () => {
    if (!hasPython()) return;
    await restart({ jitterMs: 60 });
    starling.coordinator.open(starling.deployment.record(FIRST_EPOCH, 0));
    // Fetched after the opening, if only by a moment.
    expect(await run()).toEqual({ outcome: 'skipped', reason: 'token_too_new' });
    starling.issuer.window = { epoch: FIRST_EPOCH, nextSlot: 5 };
    starling.coordinator.open(starling.deployment.record(FIRST_EPOCH, 4));
    const asked = (): number => starling.issuer.http.requests.filter(({ path }) => path.endsWith('/slots')).length;
    const before = asked();
    expect(await run()).toEqual({ outcome: 'skipped', reason: 'no_token' });
    // When it started, and not again when it had seen the round.
    expect(asked() - before).toBe(1);
    starling.coordinator.open(starling.deployment.record(FIRST_EPOCH, 5));
    expect(await run('--fetch-and-spend')).toMatchObject({ outcome: 'accepted' });
  });

  // Kills: moments drawn anew at each start; a device that makes up for a missed one at once; one that ends at a refusal.
  it('[PYC15] keeps going: draws a moment for each epoch once, and fetches the whole epoch at it', async () => {
    if (!hasPython()) return;
    expect(await run('--rounds', '0')).toEqual({ tokens: 3 });
    const keeping = async (): Promise<void> => {
      const { requests } = starling.coordinator.http;
      const before = requests.length;
      const python = start('--keep');
      while (!requests.slice(before).some(({ path }) => path.endsWith('/round'))) await sleep(10);
      python.kill();
      await python.ended;
    };
    await keeping();
    const { appointments } = await kept();
    expect(appointments.map(({ epoch, done }) => [epoch, done])).toEqual(
      [FIRST_EPOCH, FIRST_EPOCH + 1].map((at) => [at, false]),
    );
    await keeping();
    expect((await kept()).appointments).toEqual(appointments);
    expect(starling.issuer.issued).toBe(3);

    const due = appointments.map((one) => ({ ...one, at: Date.now() - 1 }));
    await writeFile(join(store, 'wallet'), JSON.stringify({ ...(await kept()), appointments: due }));
    starling.coordinator.open(starling.deployment.record(FIRST_EPOCH, 1));
    const python = start('--keep');
    while (!python.out().includes('accepted')) await sleep(10);
    const told = python
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(told).toEqual([
      { epoch: FIRST_EPOCH, tokens: 5 },
      { epoch: FIRST_EPOCH + 1, tokens: 8 },
      expect.objectContaining({ outcome: 'accepted' }),
    ]);
    expect((await kept()).appointments.every(({ done }) => done)).toBe(true);
  });

  // Kills: an update in another encoding than the manifest's, or on another grid.
  it.each<[string, Partial<Manifest>]>([
    ['int16', { encoding: ENCODING.int16, scale: 32_766 }],
    ['int8', { encoding: ENCODING.int8, scale: 126 }],
    ['topK', { encoding: ENCODING.topK, topK: 7, scale: 32_766 }],
  ])('[PYC12] writes updates in %s, in chunks', async (_, changes) => {
    if (!hasPython()) return;
    await restart(changes);
    await openRound();
    expect(await run()).toMatchObject({ outcome: 'accepted' });
    const { manifest } = starling.deployment;
    const q = new Int32Array(1010);
    q[3] = manifest.scale / 2;
    expect(accepted().map((payload) => encodingOf(encodingOfManifest(manifest), 1010).decode(payload))).toEqual([q]);
  });

  // Kills: a second manifest for one device; a device that a change of keys leaves behind.
  it('[PYC13] follows a manifest that announces a key, and none that changes more', async () => {
    if (!hasPython()) return;
    const { deployment, issuer, coordinator } = starling;
    const publicKey = deployment.suite.primaryPublicKey(deployment.suite.generatePrimaryKey(random));
    const announced = { publicKey, firstEpoch: FIRST_EPOCH + 4 };
    const next: Manifest = { ...deployment.manifest, version: 2, keys: [...deployment.manifest.keys, announced] };
    /** The manifest changes after the device has its tokens, and a round opens under the new one. */
    const change = async (python: RunningPython, manifest: Manifest): Promise<void> => {
      while (!python.out().includes('tokens')) await sleep(10);
      const bytes = deployment.logManifest(manifest);
      [issuer.manifestBytes, coordinator.manifestBytes] = [() => bytes, () => bytes];
      const manifestDigest = sha256(bytes);
      coordinator.open(deployment.record(FIRST_EPOCH, manifest.version - 2, { manifestDigest }));
    };
    const device = start();
    await change(device, next);
    expect(await told(device)).toMatchObject({ outcome: 'accepted' });
    expect((await kept()).identity.manifest_version).toBe(2);
    const again = start();
    await change(again, { ...next, version: 3, kMin: 1 });
    expect(await told(again)).toMatchObject({ error: 'untrusted_manifest' });
    coordinator.manifestBytes = () => deployment.manifestBytes;
    expect(await run('--rounds', '0')).toMatchObject({ error: 'untrusted_manifest' });
    expect((await kept()).identity.manifest_version).toBe(2);
  });

  it('[PYC13] says that it cannot do an asynchronous task, or another suite', async () => {
    if (!hasPython()) return;
    await restart({ strategy: '{"name":"FedBuff","maxStaleness":1}' });
    expect(await run('--rounds', '0')).toMatchObject({
      error: 'untrusted_manifest',
      message: expect.stringContaining('asynchronous'),
    });
    await restart({ suite: 'acs-ristretto255-exp-hmac' });
    expect(await run('--rounds', '0')).toMatchObject({
      error: 'untrusted_manifest',
      message: expect.stringContaining('suite'),
    });
    expect(starling.issuer.devices.size).toBe(0);
  });

  // Kills: the manifest's clip for every round; a bit of what is left after clipping; a clip beyond what was promised.
  it('[PYC17] clips to what the round’s record says, and says whether it had to', async () => {
    if (!hasPython()) return;
    await restart({ strategy: privately({ clipping: CLIPPING }), weightLevels: [1, 1] });
    await openRound({ clipMicros: 250_000 });
    const { deployment, coordinator } = starling;
    expect(await run()).toMatchObject({ outcome: 'accepted' });
    coordinator.open(deployment.record(FIRST_EPOCH, 1, { clipMicros: 500_000 }));
    expect(await run()).toMatchObject({ outcome: 'accepted' });
    expect(
      accepted().map((payload) => encodingOf('int32', 1010).decode(payload)[3]! / deployment.manifest.scale),
    ).toEqual([0.25, 0.5]);
    coordinator.open(deployment.record(FIRST_EPOCH, 2, { clipMicros: 1_000_001 }));
    expect(await run()).toMatchObject({ error: 'bad_round' });
    const headers = (await kept()).tokens.flatMap(({ uses }) => uses.map(({ header }) => Buffer.from(header, 'hex')));
    expect(headers.map((header) => decodeHeader(header).weightLevel)).toEqual([0, 1]);
  });

  // Kills: an update in the place of figures; a token that is spent on nothing.
  it('[PYC17] sits out a round that measures its model, and keeps its token', async () => {
    if (!hasPython()) return;
    await openRound({ evaluation: { lossBound: 2 } });
    const { deployment, coordinator } = starling;
    const rounds = () => coordinator.http.requests.filter(({ path }) => path.endsWith('/round'));
    const device = start();
    while (rounds().length < 2 && !/outcome|error/.test(device.out())) await sleep(10);
    coordinator.open(deployment.record(FIRST_EPOCH, 1));
    expect(await told(device)).toMatchObject({ outcome: 'accepted' });
    expect((await kept()).tokens.map(({ uses }) => uses.length)).toEqual([0, 1, 0]);
  });

  // Kills: tokens of slots that would bring two rounds of a device closer together than was promised.
  it('[PYC17] fetches tokens for the slots of its lane', async () => {
    if (!hasPython()) return;
    await restart({ strategy: privately({ separation: 4 }), quota: 2 });
    expect(await run('--rounds', '0')).toEqual({ tokens: 4 });
    const { first } = laneOf(sha256(laneMessage('digits', (await kept()).identity.device_id!)), 4);
    expect((await kept()).tokens.map(({ slot }) => slot)).toEqual([first, first + 4, first, first + 4]);
  });
});
