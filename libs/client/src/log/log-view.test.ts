import { randomBytes } from 'node:crypto';

import { ed25519 } from '@noble/curves/ed25519.js';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { bytesToHex } from '@noble/hashes/utils.js';

import { treeHeadMessage, type SignedTreeHead } from '#protocol';
import { leafHash, verifyInclusion } from '#transparency';

import { TestDeployment } from '../deployment.test-server.js';
import { TestLog } from '../log.test-server.js';
import { nodeHashes } from '../node/node-hashes.js';
import type { Http } from '../platform.js';
import { MemoryTokenStore } from '../token-store.js';
import { headReply } from './log-source.js';
import { LogView } from './log-view.js';
import { LogWitness } from './witness.js';

const sha256 = (bytes: Uint8Array): Uint8Array => nodeHashes.sha256(bytes);
const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
const clock = { now: () => Date.now(), sleep: async () => undefined };
const COORDINATOR = 'http://coordinator.example';
const WITNESS = 'http://witness.example';

let deployment: TestDeployment;
let log: TestLog;
beforeEach(() => {
  deployment = new TestDeployment();
  log = deployment.log;
});

/** Answers from this log, as whoever serves it wishes. */
const serving =
  (answers: (path: string, url: string) => object | Uint8Array | undefined, asked: string[] = []): Http =>
  async (url) => {
    const { pathname } = new URL(url);
    asked.push(pathname);
    const answer = answers(pathname, url);
    const bytes = answer instanceof Uint8Array ? answer : new TextEncoder().encode(JSON.stringify(answer));
    return { status: answer === undefined ? 404 : 200, bytes };
  };

interface Watcher {
  readonly http?: Http;
  readonly store?: MemoryTokenStore;
  readonly witness?: LogWitness;
  readonly useCase?: string;
}

function watch({
  http = serving((path) => log.answer(path)),
  store = new MemoryTokenStore(),
  witness,
  useCase = 'digits',
}: Watcher = {}) {
  const pinned = witness && { url: WITNESS, publicKey: bytesToHex(witness.publicKey) };
  return LogView.open({
    store,
    sha256,
    asker: { http, clock, random },
    address: { coordinator: COORDINATOR, witness: pinned },
    identity: { audience: log.audience, logKey: log.publicKey },
    useCase,
  });
}

/** Something happens in the deployment that is none of this use case's business. */
const elsewhere = (times: number): void => {
  for (let i = 0; i < times; i++) {
    log.add({ kind: 'key', useCase: `other-${log.leaves.length}`, suite: 's', keyDigest: random(32), firstEpoch: 0 });
  }
};

describe('a device that reads the log', () => {
  // Kills: a view that depends on when it was read, or on what was stored in between.
  it('[LOG6] arrives at the signed root from wherever it was, also with a store that was used before', async () => {
    const store = new MemoryTokenStore();
    for (const more of [0, 1, 3, 250, 1, 1, 300, 511]) {
      elsewhere(more);
      const view = await watch({ store });
      await view.sync();
      expect(view.head).toMatchObject({ size: log.leaves.length });
    }
    const fresh = await watch();
    await fresh.sync();
    expect(fresh.history).toEqual((await watch({ store })).history);
    expect(fresh.history.manifests).toMatchObject([{ version: 1, digest: deployment.manifestDigest }]);
  });

  // Kills: asking for what one has not read yet by its size or position.
  it('[LOG6] asks for the public head and for whole tiles alone', async () => {
    const asked: string[] = [];
    const view = await watch({ http: serving((path) => log.answer(path), asked) });
    elsewhere(600);
    await view.sync();
    await view.sync();
    elsewhere(1);
    await view.sync();
    const [head, tile] = ['/v1/log/head', '/v1/log/entries'];
    expect(asked).toEqual([head, `${tile}/0`, `${tile}/1`, `${tile}/2`, head, head, `${tile}/2`]);
  });

  it('[LOG6] keeps with each end of a round the proof that it is in the log', async () => {
    const view = await watch();
    await view.sync();
    for (let slot = 0; slot < 7; slot++) {
      elsewhere(slot * 40);
      const record = deployment.record(5, slot);
      log.add({ kind: 'round', record });
      log.end({ recordDigest: sha256(record), roundId: random(16) });
      if (slot % 3 === 1) await view.sync();
    }
    await view.sync();
    expect(view.ended).toHaveLength(7);
    for (const { leaf, position, path, head } of view.ended) {
      const proof = { hash: leafHash(sha256, leaf), index: position, size: head.size, path, root: head.root };
      expect(verifyInclusion(sha256, proof)).toBe(true);
    }
  });
});

describe('a log that is not the one of before', () => {
  /** Serves this head, and the leaves of `other`. */
  const lie = (other: TestLog, head: SignedTreeHead = other.head()): Http =>
    serving((path) => (path === '/v1/log/head' ? headReply(head) : other.answer(path)));
  const at = (size: number, timestamp: number, of: TestLog = log): SignedTreeHead => {
    const head = { ...of.head(size), timestamp };
    return { ...head, signature: ed25519.sign(treeHeadMessage(log.audience, head), deployment.logSecret) };
  };

  const views: [string, () => Http][] = [
    ['that has become shorter', () => lie(log, log.head(20))],
    ['that has become shorter at a later moment', () => lie(log, at(20, log.head(40).timestamp + 500))],
    ['of the same size with another root', () => lie(rewritten(39))],
    ['with two heads of one moment', () => (elsewhere(1), lie(log, at(41, log.head(40).timestamp)))],
    ['that was larger in the past', () => (elsewhere(1), lie(log, at(41, log.head(40).timestamp - 500)))],
    ['that goes on after another past', () => lie(grown(rewritten(11)))],
    [
      'whose leaves are withheld',
      () => {
        elsewhere(3);
        return serving((path) => (path === '/v1/log/head' ? headReply(log.head()) : shorter().answer(path)));
      },
    ],
    ['whose new leaves are others than the head says', () => (elsewhere(3), lie(grown(shorter(), 3), log.head()))],
  ];
  const shorter = (): TestLog => new TestLog(log.audience, deployment.logSecret, log.leaves.slice(0, 40));
  const grown = (other: TestLog, leaves = 5): TestLog => {
    for (let i = 0; i < leaves; i++)
      other.add({ kind: 'epoch_retirement', useCase: 'x', through: other.leaves.length });
    return other;
  };
  const rewritten = (position: number): TestLog => {
    const other = log.fork();
    other.leaves[position] = Uint8Array.of(7);
    return other;
  };

  // Kills: any one of the rules in `checkAgainst`, or the comparison of roots.
  it.each(views)('[LOG7] is a split view, with the heads to show it, and nothing is stored: %s', async (_, http) => {
    elsewhere(38);
    const store = new MemoryTokenStore();
    await (await watch({ store })).sync();
    const [before] = store.entries();
    const error = await (await watch({ store, http: http() })).sync().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'split_view' });
    expect((error as { heads: SignedTreeHead[] }).heads.length).toBeGreaterThan(0);
    expect(store.entries()).toEqual([before]);
  });

  // Kills: trusting what lies before the last head one has seen.
  it('[LOG7] is noticed whichever past leaf was changed', async () => {
    elsewhere(38);
    const store = new MemoryTokenStore();
    await (await watch({ store })).sync();
    for (let position = 0; position < 40; position++) {
      const other = rewritten(position);
      other.add({ kind: 'epoch_retirement', useCase: 'x', through: 1 });
      const view = await watch({ store: new MemoryTokenStore(store.entries()), http: lie(other) });
      await expect(view.sync()).rejects.toMatchObject({ code: 'split_view' });
    }
  });

  it('[LOG7] is not believed at all without the signature of its key', async () => {
    const stranger = ed25519.sign(treeHeadMessage(log.audience, log.head()), random(32));
    const view = await watch({ http: lie(log, { ...log.head(), signature: stranger }) });
    await expect(view.sync()).rejects.toMatchObject({ code: 'untrusted_log' });
    const elsewhereSigned = new TestLog('other.example', deployment.logSecret, log.leaves);
    await expect((await watch({ http: lie(elsewhereSigned) })).sync()).rejects.toMatchObject({ code: 'untrusted_log' });
  });

  it.each<[string, () => void]>([
    [
      'two keys of one epoch',
      () => log.add({ kind: 'key', useCase: 'digits', suite: 's', keyDigest: random(32), firstEpoch: 0 }),
    ],
    ['a manifest version twice', () => void deployment.logManifest({ ...deployment.manifest, kMin: 1 })],
    [
      'two records of one slot',
      () =>
        log.add({ kind: 'round', record: deployment.record(5, 0) }, { kind: 'round', record: deployment.record(5, 0) }),
    ],
    [
      'a second round before the first has ended',
      () =>
        log.add({ kind: 'round', record: deployment.record(5, 0) }, { kind: 'round', record: deployment.record(5, 1) }),
    ],
    [
      'a round under another manifest',
      () => log.add({ kind: 'round', record: deployment.record(5, 0, { manifestDigest: random(32) }) }),
    ],
    [
      'more updates than tokens',
      () => {
        const record = deployment.record(5, 0, { issued: 2 });
        log.add({ kind: 'round', record });
        log.end(
          { recordDigest: sha256(record), roundId: random(16) },
          { headers: [random(9), random(9), random(9)], modelOut: random(32) },
        );
      },
    ],
  ])('[LOG8] is not believed where it contradicts itself: %s', async (_, contradict) => {
    const view = await watch();
    await view.sync();
    contradict();
    await expect(view.sync()).rejects.toMatchObject({ code: 'untrusted_log' });
    await expect(view.sync()).rejects.toMatchObject({ code: 'untrusted_log' });
    await expect((await watch({ useCase: 'letters' })).sync()).resolves.toBeUndefined();
  });
});

describe('a witness that 100 devices share', () => {
  const DEVICES = 100;
  const VICTIMS = 2;
  const RUNS = 100;

  // Kills: heads taken from the coordinator after all, a cosignature not checked, and a view that believes leaves unseen.
  it('[LOG9] a split view shown to 2 of 100 devices is seen by both, in 100 of 100 runs', async () => {
    let seen = 0;
    let misled = 0;
    for (let run = 0; run < RUNS; run++) {
      const fork = log.fork();
      elsewhere(1 + (run % 3));
      for (let i = 0; i < 1 + (run % 4); i++) {
        fork.add({ kind: 'key', useCase: 'digits', suite: 's', keyDigest: random(32), firstEpoch: 1 + i });
      }
      const witness = new LogWitness(await watch({ useCase: '' }), random(32));
      const head = await witness.follow();
      const [honest, split] = [log, fork].map((of) =>
        serving((path, url) => (url.startsWith(WITNESS) ? headReply(head) : of.answer(path))),
      );
      for (let device = 0; device < VICTIMS; device++) {
        const view = await watch({ witness, http: split! });
        seen += Number(
          await view.sync().then(
            () => false,
            (error: { code: string }) => error.code === 'split_view',
          ),
        );
      }
      // All the others see the same as each other: one stands for them but in the first run.
      for (let device = VICTIMS; device < (run === 0 ? DEVICES : VICTIMS + 1); device++) {
        const view = await watch({ witness, http: honest! });
        misled += Number(
          await view.sync().then(
            () => view.head?.size !== log.leaves.length,
            () => true,
          ),
        );
      }
    }
    expect({ seen, misled }).toEqual({ seen: VICTIMS * RUNS, misled: 0 });
  });

  it('[LOG9] heads without its cosignature are refused, also when the log signed them', async () => {
    const witness = new LogWitness(await watch({ useCase: '' }), random(32));
    const other = new LogWitness(await watch({ useCase: '' }), random(32));
    for (const head of [log.head(), await other.follow()]) {
      const http = serving((path) => (path === '/v1/log/head' ? headReply(head) : log.answer(path)));
      await expect((await watch({ witness, http })).sync()).rejects.toMatchObject({ code: 'untrusted_log' });
    }
  });

  // Kills: a witness that signs whatever comes next.
  it('[LOG9] a log that was rewritten is never cosigned again, and the last good head stays', async () => {
    let served = log;
    const witness = new LogWitness(
      await watch({ useCase: '', http: serving((path) => served.answer(path)) }),
      random(32),
    );
    const good = await witness.follow();
    served = log.fork();
    served.leaves[0] = Uint8Array.of(7);
    served.add({ kind: 'epoch_retirement', useCase: 'x', through: 1 });
    await expect(witness.follow()).rejects.toMatchObject({ code: 'split_view' });
    served = log;
    elsewhere(1);
    await expect(witness.follow()).rejects.toMatchObject({ code: 'split_view' });
    expect(witness.head).toEqual(good);
  });
});
