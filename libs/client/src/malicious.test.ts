import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import { encodeInfo, encodeManifest, type Manifest } from '#protocol';

import { random } from './deployment.test-server.js';
import { Device } from './device.js';
import type { SeenRequest } from './http.test-server.js';
import { CountedProof, verifyCounted } from './log/index.js';
import { nodeHashes } from './node/node-hashes.js';
import type { Train } from './participate.js';
import type { Platform } from './platform.js';
import { TestStarling } from './starling.test-server.js';
import { Wallet } from './wallet.js';

const nudge: Train = ({ parameters }) => parameters.map((value) => value + 2 ** -10);

let starling: TestStarling;
const restart = async (changes: Partial<Manifest>): Promise<void> => {
  await starling.close();
  starling = await TestStarling.start(changes);
};
beforeEach(async () => {
  starling = await TestStarling.start();
});
afterEach(() => starling.close());

const newRoundId = (): Uint8Array => hexToBytes(randomUUID().replaceAll('-', ''));
const held = async ({ store }: Platform): Promise<number> => (await Wallet.open(store)).tokens.length;
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: { code?: string }) => error.code ?? 'unknown',
  );

describe('a malicious issuer', () => {
  // Kills: a proof that is not checked, or checked under the key that evaluated.
  it('[LOG10] that evaluates under another key for one device of 1,000 has 1,000 batches refused; 0 tokens are stored', async () => {
    await restart({ batch: 1 });
    const platform = starling.platform();
    const device = await Device.enrol(starling.settings, platform);
    let refused = 0;
    starling.issuer.otherKey = starling.deployment.suite.generatePrimaryKey(random);
    for (let i = 0; i < 1000; i++) {
      // So that each batch is evaluated and proved anew.
      starling.issuer.batches.clear();
      starling.issuer.forgetIssued();
      refused += Number((await codeOf(device.prefetch())) === 'malicious_issuer');
    }
    expect({ refused, stored: await held(platform) }).toEqual({ refused: 1000, stored: 0 });
  }, 600_000);

  // Kills: taking the key to check the proof with, or anything else about it, from the wire.
  it('[LOG10] that sends its own public keys along with proofs that hold under them stores no token', async () => {
    const platform = starling.platform();
    const { suite } = starling.deployment;
    const other = suite.generatePrimaryKey(random);
    starling.issuer.otherKey = other;
    const lying: Platform['http']['issuer'] = async (url, request) => {
      const reply = await platform.http.issuer(url, request);
      if (!url.endsWith('/tokens')) return reply;
      const info = encodeInfo({ useCase: 'digits', suite: suite.id, epoch: 5, slot: 0 });
      const tweaked = bytesToHex(suite.derivePublicKey(suite.primaryPublicKey(other), info));
      const body = { ...(JSON.parse(new TextDecoder().decode(reply.bytes)) as object) };
      const more = {
        publicKey: tweaked,
        publicKeys: [tweaked, tweaked, tweaked],
        tweakedKey: tweaked,
        info: bytesToHex(info),
      };
      return { ...reply, bytes: new TextEncoder().encode(JSON.stringify({ ...body, ...more })) };
    };
    const device = await Device.enrol(starling.settings, { ...platform, http: { ...platform.http, issuer: lying } });
    expect(await codeOf(device.prefetch())).toBe('malicious_issuer');
    expect(await held(platform)).toBe(0);
  });

  // Kills: an epoch that the issuer may choose: one of its own would put a device in a crowd of one.
  it.each([
    ['the past', 3],
    ['the next epoch', 6],
    ['far from now', 5000],
  ])('[LOG11] that names an epoch of its own gets no batch: one in %s', async (_, epoch) => {
    const platform = starling.platform();
    const device = await Device.enrol(starling.settings, platform);
    starling.issuer.announced = { epoch, nextSlot: 0 };
    expect(await codeOf(device.prefetch())).toBe('malicious_issuer');
    expect(starling.issuer.issued + (await held(platform))).toBe(0);
  });

  it.each<[string, Partial<Manifest>]>([
    ['a use case of its own', { useCase: 'digits-for-you' }],
    ['a key of its own', { keys: [{ publicKey: hexToBytes('00'.repeat(32)), firstEpoch: 0 }] }],
    ['epochs of its own', { epochOrigin: 1 }],
    ['a smaller crowd', { kMin: 1 }],
  ])(
    '[LOG11] that signs a manifest for one device enrols it not, though the deployment key is right: %s',
    async (_, changes) => {
      const bytes = encodeManifest({ ...starling.deployment.manifest, ...changes });
      starling.issuer.manifestBytes = () => bytes;
      expect(['unlogged', 'untrusted_manifest']).toContain(
        await codeOf(Device.enrol(starling.settings, starling.platform())),
      );
      expect(starling.issuer.devices.size + starling.issuer.issued).toBe(0);
    },
  );

  // Kills: writing a manifest down before the log has it: the device would refuse the true one ever after.
  it('[LOG11] that serves a later manifest which is not in the log leaves the device as it was', async () => {
    const platform = starling.platform();
    const device = await Device.enrol(starling.settings, platform);
    const { manifest, manifestBytes } = starling.deployment;
    const later = encodeManifest({ ...manifest, version: 2, kMin: 3 });
    starling.issuer.manifestBytes = () => later;
    expect(await codeOf(device.prefetch())).toBe('unlogged');
    expect((await Wallet.open(platform.store)).identity).toMatchObject({ manifestVersion: 1 });
    starling.issuer.manifestBytes = () => manifestBytes;
    expect(await device.prefetch()).toBe(3);
    expect(device.manifest.version).toBe(1);
  });

  // Kills: believing a manifest whose keys are not in the log.
  it('[LOG11] that logs a manifest without its key is not believed', async () => {
    const { deployment } = starling;
    deployment.log.leaves.shift();
    expect(await codeOf(Device.enrol(starling.settings, starling.platform()))).toBe('unlogged');
    expect(starling.issuer.devices.size).toBe(0);
  });

  it.each<[string, Partial<Manifest>, object]>([
    ['epochs shorter than a minute', { epochSeconds: 59 }, {}],
    ['less jitter than the app wants', { jitterMs: 59_999 }, { jitterMs: 60_000 }],
  ])('[LOG12] a manifest below the floors is refused: %s', async (_, changes, floors) => {
    await restart(changes);
    const enrolling = Device.enrol({ ...starling.settings, floors }, starling.platform());
    await expect(enrolling).rejects.toMatchObject({ code: 'untrusted_manifest' });
    expect(starling.issuer.devices.size).toBe(0);
  });
});

describe('a malicious coordinator', () => {
  const lies: [string, string, () => void][] = [
    ['a private round', 'unlogged', () => starling.coordinator.openUnlogged(starling.deployment.record(5, 0))],
    [
      'a private slot',
      'untrusted_log',
      () => {
        starling.coordinator.open(starling.deployment.record(5, 0));
        starling.deployment.log.add({ kind: 'round', record: starling.deployment.record(5, 0) });
      },
    ],
    [
      'a private record beside the public one of its slot',
      'unlogged',
      () => {
        starling.coordinator.open(starling.deployment.record(5, 0));
        starling.coordinator.openUnlogged(starling.deployment.record(5, 0, { issued: 99 }));
      },
    ],
    [
      'a private model',
      'bad_round',
      () =>
        starling.coordinator.open(starling.deployment.record(5, 0, { modelDigest: starling.deployment.addModel(1) })),
    ],
    [
      'a model other than the last result',
      'untrusted_log',
      () => {
        const first = starling.deployment.modelDigest;
        starling.coordinator.open(starling.deployment.record(5, 0));
        starling.coordinator.publish([random(8), random(8)], starling.deployment.addModel(1));
        starling.coordinator.open(starling.deployment.record(5, 1, { modelDigest: first }));
      },
    ],
    [
      'an older model, though the log says of another round that it begins with it',
      'untrusted_log',
      () => {
        const first = starling.deployment.modelDigest;
        starling.coordinator.open(starling.deployment.record(5, 0));
        starling.coordinator.publish([random(8), random(8)], starling.deployment.addModel(1));
        starling.deployment.log.add({ kind: 'restart', useCase: 'digits', roundId: random(16), modelDigest: first });
        starling.coordinator.open(starling.deployment.record(5, 1, { modelDigest: first }));
      },
    ],
    [
      'the last result, where the log says that the round begins with an older one',
      'untrusted_log',
      () => {
        const [roundId, first, second] = [
          newRoundId(),
          starling.deployment.modelDigest,
          starling.deployment.addModel(1),
        ];
        starling.coordinator.open(starling.deployment.record(5, 0));
        starling.coordinator.publish([random(8), random(8)], second);
        starling.deployment.log.add({ kind: 'restart', useCase: 'digits', roundId, modelDigest: first });
        starling.coordinator.open(starling.deployment.record(5, 1, { roundId, modelDigest: second }));
      },
    ],
    ['an epoch that is not now', 'bad_round', () => starling.coordinator.open(starling.deployment.record(4, 0))],
    [
      'an epoch that was retired',
      'bad_round',
      () => {
        starling.coordinator.open(starling.deployment.record(5, 0));
        starling.deployment.log.add({ kind: 'epoch_retirement', useCase: 'digits', through: 5 });
      },
    ],
  ];

  // Kills: any one of the rules in `believeRound`, or a device that trains before it asks the log.
  it.each(lies)('[LOG11] gets no submission, and nothing is trained, for %s', async (_, code, lie) => {
    const device = await starling.device();
    lie();
    let trained = 0;
    const train: Train = (input) => ((trained += 1), nudge(input));
    expect(await codeOf(device.participate(train))).toBe(code);
    expect({ trained, submissions: starling.intake.handshakes.length }).toEqual({ trained: 0, submissions: 0 });
  });

  // Kills: a restart that devices do not know of, or one that a stored log forgets between two heads.
  it('[LOG30] a round that begins with an older model is taken part in where the log says so of it', async () => {
    const platform = starling.platform();
    const device = await starling.device(platform);
    const [roundId, first] = [newRoundId(), starling.deployment.modelDigest];
    starling.coordinator.open(starling.deployment.record(5, 0));
    starling.coordinator.publish([random(8), random(8)], starling.deployment.addModel(1));
    starling.deployment.log.add({ kind: 'restart', useCase: 'digits', roundId, modelDigest: first });
    await device.audit();
    starling.coordinator.open(starling.deployment.record(5, 1, { roundId, modelDigest: first }));
    const again = await Device.enrol(starling.settings, platform);
    await expect(again.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
  });

  // Kills: waiting for a round that the log ended.
  it('[LOG11] a round that the log says is over is none', async () => {
    const device = await starling.device();
    const record = starling.deployment.record(5, 0);
    starling.coordinator.open(record);
    starling.deployment.log.end({ recordDigest: nodeHashes.sha256(record), roundId: random(16) });
    await expect(device.participate(nudge)).resolves.toEqual({ outcome: 'skipped', reason: 'no_open_round' });
  });

  it('[LOG6] a fact that is a head or two ahead is waited for', async () => {
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 0));
    const { log } = starling.deployment;
    log.hidden = 1;
    const platform = starling.platform();
    let sleeps = 0;
    const patient = {
      ...platform,
      clock: { ...platform.clock, sleep: async () => void ((sleeps += 1) === 2 && (log.hidden = 0)) },
    };
    expect(await codeOf(Device.enrol(starling.settings, patient).then((late) => late.participate(nudge)))).toBe('none');
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
  });
});

describe('what became of an update', () => {
  const requests = (): SeenRequest[] => starling.coordinator.http.requests;

  /** Two rounds: one published with the updates of whoever took part, one abandoned. */
  async function twoRounds(devices: readonly (readonly [Device, Platform])[], dropped: readonly Platform[] = []) {
    starling.coordinator.open(starling.deployment.record(5, 0));
    for (const [device] of devices) await device.participate(nudge);
    const sent = await Promise.all(devices.map(async ([, { store }]) => (await Wallet.open(store)).sent));
    const headers = sent
      .filter((_, i) => !dropped.includes(devices[i]![1]))
      .flatMap(([update]) => (update ? [update.header] : []));
    starling.coordinator.publish([...headers, random(9), random(9)], starling.deployment.addModel(1));
    starling.coordinator.open(starling.deployment.record(5, 1));
    starling.deployment.log.end({ recordDigest: nodeHashes.sha256(starling.coordinator.record!), roundId: random(16) });
    starling.coordinator.shut();
  }

  // Kills: a request for the list of one's own rounds only, or for a proof, a leaf or a size.
  it('[LOG13] the log sees the same requests, byte for byte, of a device that took part and of one that did not', async () => {
    const seen: Record<string, string[]> = {};
    for (const name of ['took part', 'did not']) {
      const platform = starling.platform();
      const device =
        name === 'took part' ? await starling.device(platform) : await Device.enrol(starling.settings, platform);
      const from = requests().length;
      await twoRounds([[device, platform]]);
      await device.participate(nudge);
      const rounds = await device.audit();
      expect(rounds.map(({ outcome }) => outcome)).toEqual(
        name === 'took part' ? ['counted', 'abandoned'] : ['not_mine', 'abandoned'],
      );
      // But for the ids of rounds and the ports, which are new with each Starling.
      const bytes = requests()
        .slice(from)
        .filter(({ path }) => !path.startsWith('/v1/models/'))
        .map(({ method, path, headers, body }) =>
          JSON.stringify([method, path.replace(/[0-9a-f-]{36}/, 'ID'), { ...headers, host: '' }, body]),
        );
      seen[name] = bytes;
      await restart({});
    }
    expect(seen['took part']!.length).toBeGreaterThan(6);
    expect(seen['did not']).toEqual(seen['took part']);
  });

  it('[LOG14] an audit says of every round that ended, once: counted, not counted, not mine, abandoned', async () => {
    const [a, b, c] = [starling.platform(), starling.platform(), starling.platform()];
    const [counted, dropped, idle] = [
      await starling.device(a),
      await starling.device(b),
      await Device.enrol(starling.settings, c),
    ];
    await twoRounds(
      [
        [counted, a],
        [dropped, b],
      ],
      [b],
    );
    const outcomes = async (device: Device) => (await device.audit()).map(({ outcome, slot }) => `${slot} ${outcome}`);
    expect(await outcomes(counted)).toEqual(['0 counted', '1 abandoned']);
    expect(await outcomes(dropped)).toEqual(['0 not_counted', '1 abandoned']);
    expect(await outcomes(idle)).toEqual(['0 not_mine', '1 abandoned']);
    expect(await outcomes(counted)).toEqual([]);
    expect((await Wallet.open(a.store)).sent).toEqual([]);
  });

  // Kills: believing a list without its root, its order or its length.
  it.each<[string, (list: Uint8Array[]) => Uint8Array[]]>([
    ['an update more', (list) => [...list, random(32)]],
    ['an update less', (list) => list.slice(1)],
    ['another update', (list) => [random(32), ...list.slice(1)]],
    ['out of order', (list) => list.toReversed()],
  ])('[LOG14] an accepted list that is not the one the log names is refused: %s', async (_, forge) => {
    const platform = starling.platform();
    const device = await starling.device(platform);
    await twoRounds([[device, platform]]);
    const { lists } = starling.deployment.log;
    for (const [id, list] of lists) lists.set(id, forge(list));
    expect(await codeOf(device.audit())).toBe('unlogged');
  });

  // Kills: a check that skips any link of the chain from the update to the signed head.
  it('[LOG15] a counted update leads to a proof that anybody can check; a change anywhere makes it fail', async () => {
    const platform = starling.platform();
    const device = await starling.device(platform);
    await twoRounds([[device, platform]]);
    const [{ proof: made } = { proof: undefined }] = await device.audit();
    const proof = CountedProof.parse(JSON.parse(JSON.stringify(made)));
    const sha256 = (bytes: Uint8Array): Uint8Array => nodeHashes.sha256(bytes);
    const logKey = bytesToHex(starling.deployment.manifest.logKey);
    expect(verifyCounted(sha256, proof, logKey)).toMatchObject({ holds: true, accepted: 3 });
    const turned = (hex: string, at = hex.length - 1): string =>
      hex.slice(0, at) + (hex[at] === '0' ? '1' : '0') + hex.slice(at + 1);
    const { accepted, result, head } = proof;
    const forgeries: CountedProof[] = [
      { ...proof, audience: 'other.example' },
      { ...proof, header: turned(proof.header, 140) },
      { ...proof, header: '00' },
      { ...proof, accepted: { ...accepted, index: accepted.index + 1 } },
      { ...proof, accepted: { ...accepted, path: accepted.path.map((hash) => turned(hash)) } },
      { ...proof, accepted: { ...accepted, path: [] } },
      { ...proof, result: { ...result, leaf: turned(result.leaf, 300) } },
      { ...proof, result: { ...result, position: result.position + 1 } },
      { ...proof, result: { ...result, path: result.path.slice(1) } },
      { ...proof, head: { ...head, root: turned(head.root) } },
      { ...proof, head: { ...head, size: head.size + 1 } },
      { ...proof, head: { ...head, signature: turned(head.signature, 0) } },
      { ...proof, logKey: bytesToHex(random(32)) },
    ];
    expect(forgeries.filter((forgery) => verifyCounted(sha256, forgery).holds)).toEqual([]);
    expect(verifyCounted(sha256, proof, bytesToHex(random(32))).holds).toBe(false);
  });
});
