import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { parameterCount, type KeyView, type Manifest } from '#protocol';

import { random, TestDevice, type Token } from '../fixtures/device.js';
import { ask, codeOf } from '../fixtures/http.js';
import { plantAcceptanceInAnyEpoch } from '../fixtures/mutants.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import {
  awaitOpenRound,
  payloadOf,
  prepare,
  receiptOf,
  submit,
  told,
  uploadedTo,
  type Submission,
} from '../fixtures/submission.js';

let starling: TestStarling;
let first: Manifest;
beforeAll(async () => {
  starling = await startStarling();
}, 120_000);
afterAll(() => starling.stop());

/** The database's clock leaps by so many epochs: that its epochs begin earlier is the same to it. */
async function leap(useCase: string, epochs: number): Promise<void> {
  await starling.database.admin.query(
    "update keys.manifest set epoch_origin = epoch_origin - $2::int * epoch_seconds * interval '1 s' where use_case = $1",
    [useCase, epochs],
  );
}

async function manifestOfVersion(useCase: string, version: number): Promise<Manifest> {
  for (;;) {
    const manifest = await starling.researcher.manifest(useCase);
    if (manifest.version >= version) return manifest;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const keysOf = async (useCase: string): Promise<KeyView[]> =>
  (await starling.researcher.call(`/keys?useCase=${useCase}`)).json as KeyView[];

async function deviceOf(manifest: Manifest): Promise<TestDevice> {
  const code = await starling.researcher.enrolmentCode(manifest.useCase);
  return TestDevice.enrolled({ issuer: starling.issuer, manifest, code });
}

async function tokenFor(device: TestDevice, epoch: number, slot = 0): Promise<Token> {
  const batch = device.blind(epoch, [slot]);
  return device.finalize(batch, await device.request(batch))[0]!;
}

const zeros = (manifest: Manifest): Uint8Array => payloadOf(Array.from({ length: parameterCount(manifest) }, () => 0));

async function spend(manifest: Manifest, token: Token): Promise<Submission> {
  const round = await awaitOpenRound(starling.coordinator, manifest.useCase);
  return prepare(round, token, zeros(manifest));
}

describe('a rotation', () => {
  let second: Manifest;
  let device: TestDevice;

  it('[KEY3] is asked for with a scope, once at a time, for a use case that is live', async () => {
    const { researcher, coordinator } = starling;
    first = await researcher.createUseCase();
    const path = `/use-cases/${first.useCase}/keys`;
    expect(codeOf(await ask(`${coordinator}/v1${path}`, { body: {} }))).toBe('unauthorized');
    expect(codeOf(await researcher.call('/use-cases/no-such-task/keys', {}))).toBe('unknown_use_case');
    const asked = await researcher.call(path, {});
    expect(asked.status).toBe(202);
    expect(asked.json).toEqual({ notBefore: 2 });
    expect(codeOf(await researcher.call(path, {}))).toBe('wrong_state');
  });

  it('[KEY3] is announced in the next manifest, two epochs ahead, and changes nothing else', async () => {
    second = await manifestOfVersion(first.useCase, 2);
    const { keys, version, ...rest } = second;
    const { keys: formerKeys, version: formerVersion, ...formerRest } = first;
    expect(rest).toEqual(formerRest);
    expect([formerVersion, version]).toEqual([1, 2]);
    expect(keys.slice(0, 1)).toEqual(formerKeys);
    expect(keys.map(({ firstEpoch }) => firstEpoch)).toEqual([0, 2]);
    const names = (await keysOf(first.useCase)).map(({ firstEpoch, lastEpoch, state }) => [
      firstEpoch,
      lastEpoch,
      state,
    ]);
    expect(names).toEqual([
      [0, 1, 'live'],
      [2, null, 'announced'],
    ]);
  });

  // Kills: a key cached by use case only, in issuer or intake; a key taken from the table instead of the manifest.
  it('[KEY3] each epoch is issued and redeemed under its own key', async () => {
    device = await deviceOf(second);
    await leap(first.useCase, 1);
    const [early, late] = [await tokenFor(device, 1), await tokenFor(device, 2)];
    const [round] = await starling.researcher.startRounds(first.useCase, { count: 2, target: 1 });
    const beforeTheChange = await spend(second, early);
    expect(told(await submit(starling.intake, beforeTheChange))).toBe(receiptOf(beforeTheChange));
    await starling.researcher.awaitRound(round!, 'published');
    await leap(first.useCase, 1);
    const afterTheChange = await spend(second, late);
    expect(told(await submit(starling.intake, afterTheChange))).toBe(receiptOf(afterTheChange));
  });

  // Kills: an issuer that goes on with the former key: a device would have no way to tell.
  it('[KEY3] a token of the new key’s epoch does not come out right under the former key', async () => {
    const other = await deviceOf(first);
    const batch = other.blind(3, [1]);
    const answer = await other.request(batch);
    expect(answer.status).toBe(200);
    expect(() => other.finalize(batch, answer)).toThrow(expect.objectContaining({ code: 'invalid_proof' }));
  });

  it('[KEY3] keys whose epochs are over are left out of the next manifest', async () => {
    await leap(first.useCase, 1);
    await starling.researcher.call(`/use-cases/${first.useCase}/keys`, {});
    const third = await manifestOfVersion(first.useCase, 3);
    expect(third.keys.map(({ firstEpoch }) => firstEpoch)).toEqual([2, 5]);
    expect((await keysOf(first.useCase)).map(({ state }) => state)).toEqual(['retired', 'live', 'announced']);
  });

  // Kills: intake taking the newest manifest for the one that the round names.
  it('[KEY3] a round that opened before an announcement takes its updates after it', async () => {
    const manifest = await starling.researcher.createUseCase();
    const device = await deviceOf(manifest);
    const token = await tokenFor(device, 0);
    await starling.researcher.startRounds(manifest.useCase, { target: 1 });
    const submission = await spend(manifest, token);
    await starling.researcher.call(`/use-cases/${manifest.useCase}/keys`, {});
    await manifestOfVersion(manifest.useCase, 2);
    expect(told(await submit(starling.intake, submission))).toBe(receiptOf(submission));
  });
});

describe('retired epochs', () => {
  it('[KEY7] retire-epoch refuses every token that is out at once, ends the open round, and says what the next one waits for', async () => {
    const { researcher, intake } = starling;
    const manifest = await researcher.createUseCase();
    const { useCase } = manifest;
    const device = await deviceOf(manifest);
    const [accepted, opened, fresh, next] = await Promise.all([
      tokenFor(device, 0),
      deviceOf(manifest).then((other) => tokenFor(other, 0)),
      deviceOf(manifest).then((other) => tokenFor(other, 0)),
      deviceOf(manifest).then((other) => tokenFor(other, 1)),
    ]);
    const [open, waiting] = await researcher.startRounds(useCase, { count: 2 });
    const submissions = await Promise.all([accepted, opened, fresh].map((token) => spend(manifest, token)));
    expect(told(await submit(intake, submissions[0]!))).toBe(receiptOf(submissions[0]!));
    const commit = await uploadedTo(starling.intake, submissions[1]!);
    const round = await awaitOpenRound(starling.coordinator, useCase);

    const answer = await researcher.call(`/use-cases/${useCase}/retire-epoch`, {});
    expect(answer.json).toEqual({ firstLiveEpoch: 2 });
    expect(told(await commit())).toBe('epoch_retired');
    for (const submission of submissions) expect(told(await submit(intake, submission))).toBe('epoch_retired');
    expect(codeOf(await device.request(device.blind(1, [3])))).toBe('epoch_not_open');
    expect(await researcher.awaitRound(open!, 'abandoned')).toMatchObject({ detail: 'Its epoch was retired.' });
    const sentence = 'It waits for epoch 2: the epochs before it were retired.';
    await untilDetail(waiting!, sentence);

    // The token of epoch 1 is refused in epoch 1, too; epoch 2 goes on.
    await leap(useCase, 1);
    const forged = prepare(round, next, zeros(manifest), { recordDigest: random(32) });
    expect(told(await submit(intake, forged))).toBe('epoch_retired');
    const later = await tokenFor(device, 2);
    await leap(useCase, 1);
    const submission = await spend(manifest, later);
    expect(told(await submit(intake, submission))).toBe(receiptOf(submission));
  });

  async function untilDetail(id: string, sentence: string): Promise<void> {
    for (let tries = 0; (await starling.researcher.round(id)).detail !== sentence; tries++) {
      if (tries > 100) throw new Error(`it says: ${(await starling.researcher.round(id)).detail}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** An update all but committed; the clock leaps an epoch ahead, is seen, and goes back. */
  async function commitAfterSetback(): Promise<string> {
    const manifest = await starling.researcher.createUseCase();
    const token = await tokenFor(await deviceOf(manifest), 0);
    await starling.researcher.startRounds(manifest.useCase);
    const commit = await uploadedTo(starling.intake, await spend(manifest, token));
    await leap(manifest.useCase, 1);
    expect((await ask(`${starling.issuer}/v1/use-cases/${manifest.useCase}/slots`)).json).toMatchObject({ epoch: 1 });
    await leap(manifest.useCase, -1);
    return told(await commit());
  }

  it('[KEY6] a clock that is set back by an epoch brings no token of a retired one to life', async () => {
    expect(await commitAfterSetback()).toBe('epoch_retired');
  });

  it('[KEY8] counts evaluations, refused ones too, in the list and in the metrics', async () => {
    const manifest = await starling.researcher.createUseCase();
    const device = await deviceOf(manifest);
    const batch = device.blind(0, [0, 1, 2]);
    await device.request(batch);
    await device.request(batch); // the same again is looked up, not evaluated
    expect(codeOf(await device.request(device.blind(0, [2, 3])))).toBe('slot_taken');
    const [key] = await untilEvaluations(manifest.useCase, 5);
    expect(key).toMatchObject({ evaluations: 5, state: 'live', advice: null });
    const { text } = await ask(`${starling.issuer}/metrics`);
    expect(text).toContain(
      `starling_issuer_key_evaluations{use_case="${manifest.useCase}",key="${key!.id.slice(0, 8)}",process="issuer"} 5`,
    );
    expect(text).toContain('starling_issuer_key_evaluations_limit{process="issuer"} 68719476736');
  });

  async function untilEvaluations(useCase: string, least: number): Promise<KeyView[]> {
    for (let tries = 0; ; tries++) {
      const keys = await keysOf(useCase);
      if (keys[0]!.evaluations >= least) return keys;
      if (tries > 100) throw new Error(`there are ${keys[0]!.evaluations}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('[KEY8] warns from 2^35 on, and asks for another key near 2^36', async () => {
    const manifest = await starling.researcher.createUseCase();
    const device = await deviceOf(manifest);
    const set = (evaluations: number) =>
      starling.database.admin.query('update keys.primary_key set evaluations = $2 where use_case = $1', [
        manifest.useCase,
        evaluations,
      ]);
    await set(2 ** 35);
    await tokenFor(device, 0);
    const [key] = await untilEvaluations(manifest.useCase, 2 ** 35 + 1);
    expect(key!.advice).toContain('rotate soon');
    await untilLogged(`Key ${key!.id} of ${manifest.useCase}, ${2 ** 35 + 1} evaluations`);
    await set(Math.floor(0.9 * 2 ** 36));
    expect((await manifestOfVersion(manifest.useCase, 2)).keys).toHaveLength(2);
  });

  async function untilLogged(line: string): Promise<void> {
    for (let tries = 0; !starling.log('issuer 0').includes(line); tries++) {
      if (tries > 100) throw new Error('it was not logged');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('[KEY4] keyEpochs has another key announced by itself', async () => {
    const manifest = await starling.researcher.createUseCase({ keyEpochs: 3 });
    await leap(manifest.useCase, 1);
    const next = await manifestOfVersion(manifest.useCase, 2);
    expect(next.keys.map(({ firstEpoch }) => firstEpoch)).toEqual([0, 3]);
  });

  // Runs last. The mutant that [KEY6] kills: an acceptance that does not look at the epoch.
  it('[KEY6] an acceptance in any epoch takes it', async () => {
    await plantAcceptanceInAnyEpoch(starling.database.admin);
    expect(await commitAfterSetback()).toMatch(/^[0-9a-f]{64}$/);
  });
});
