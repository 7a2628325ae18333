import { randomBytes, randomUUID } from 'node:crypto';

import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import { DEFAULT_SUITE, suiteOf } from '#credential';
import { encodeSafetensors } from '#learning';
import {
  encodeInfo,
  encodeLogLeaf,
  encodeManifest,
  encodeRoundRecord,
  ENCODING,
  equalBytes,
  parameterCount,
  type Manifest,
  type RoundRecord,
} from '#protocol';

import { TestLog } from './log.test-server.js';
import { nodeHashes } from './node/node-hashes.js';

/** Fresh bytes as a plain Uint8Array. */
export const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));

/** The epoch that it is when a test begins. */
export const FIRST_EPOCH = 5;

const SMALL: Manifest['layout'] = [
  { name: 'kernel', shape: [100, 10] },
  { name: 'bias', shape: [10] },
];

/** The keys and the manifest that the three test servers share. */
export class TestDeployment {
  readonly suite = suiteOf(DEFAULT_SUITE);
  readonly #signingKey = random(32);
  readonly primaryKey = this.suite.generatePrimaryKey(random);
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly manifestDigest: Uint8Array;
  /** the model rounds start from, by digest in hex */
  readonly models = new Map<string, Uint8Array>();
  /** what rounds begin with: the last result's model */
  modelDigest: Uint8Array;
  readonly logSecret = random(32);
  /** what the coordinator serves, and what a witness sees unless it is lied to */
  log: TestLog;

  /** @param initial  the model that the first round begins with; zeros */
  constructor(changes: Partial<Manifest> = {}, initial?: Float32Array) {
    const { layout = SMALL, epochSeconds = 3600 } = changes;
    this.log = new TestLog('test.example', this.logSecret);
    this.modelDigest = this.#store(layout, initial ?? new Float32Array(parameterCount({ layout })));
    this.manifest = {
      audience: this.log.audience,
      useCase: 'digits',
      version: 1,
      suite: this.suite.id,
      keys: [{ publicKey: this.suite.primaryPublicKey(this.primaryKey), firstEpoch: 0 }],
      logKey: this.log.publicKey,
      // Now is the middle of the first epoch of the tests.
      epochOrigin: Date.now() - 1000 * epochSeconds * (FIRST_EPOCH + 0.5),
      epochSeconds,
      slots: 8,
      batch: 3,
      quota: 8,
      reuse: 1,
      kMin: 2,
      jitterMs: 0,
      encoding: ENCODING.int32,
      scale: 65_536,
      clipMicros: 1_000_000,
      strategy: '{"name":"FedAvg"}',
      weightLevels: [1, 2],
      chunkBytes: 1024,
      uploadDeadlineMs: 60_000,
      initialModel: this.modelDigest,
      topologyDigest: new Uint8Array(32),
      layout,
      ...changes,
    };
    this.manifestBytes = encodeManifest(this.manifest);
    this.manifestDigest = nodeHashes.sha256(this.manifestBytes);
    this.logManifest(this.manifest);
  }

  /** Logs a manifest and its keys. @returns its bytes */
  logManifest(manifest: Manifest): Uint8Array {
    const { useCase, suite, version } = manifest;
    const bytes = encodeManifest(manifest);
    for (const { publicKey, firstEpoch } of manifest.keys) {
      const leaf = { kind: 'key', useCase, suite, keyDigest: nodeHashes.sha256(publicKey), firstEpoch } as const;
      if (!this.log.leaves.some((logged) => equalBytes(logged, encodeLogLeaf(leaf)))) this.log.add(leaf);
    }
    this.log.add({ kind: 'manifest', useCase, version, digest: nodeHashes.sha256(bytes), signature: this.sign(bytes) });
    return bytes;
  }

  get deploymentKey(): string {
    return bytesToHex(ed25519.getPublicKey(this.#signingKey));
  }

  sign(bytes: Uint8Array): Uint8Array {
    return ed25519.sign(bytes, this.#signingKey);
  }

  /** Stores a model of the layout, every parameter `value`; returns its digest. */
  addModel(value: number | Float32Array): Uint8Array {
    const { layout } = this.manifest;
    return this.#store(
      layout,
      value instanceof Float32Array ? value : new Float32Array(parameterCount({ layout })).fill(value),
    );
  }

  #store(layout: Manifest['layout'], all: Float32Array): Uint8Array {
    let at = 0;
    const tensors = layout.map(({ name, shape }) => {
      const start = at;
      at += shape.reduce((product, size) => product * size, 1);
      return { name, shape, data: all.slice(start, at) };
    });
    const bytes = encodeSafetensors(tensors);
    const digest = nodeHashes.sha256(bytes);
    this.models.set(bytesToHex(digest), bytes);
    return digest;
  }

  /** A round record that every device must accept, unless changed. */
  record(epoch: number, slot: number, changes: Partial<RoundRecord> = {}): Uint8Array {
    const { useCase, suite, jitterMs, kMin } = this.manifest;
    return encodeRoundRecord({
      info: encodeInfo({ useCase, suite, epoch, slot }),
      useNo: 0,
      roundId: hexToBytes(randomUUID().replaceAll('-', '')),
      modelDigest: this.modelDigest,
      manifestDigest: this.manifestDigest,
      jitterMs,
      deadlineMs: 60_000,
      min: kMin,
      target: 100,
      issued: 100,
      ...changes,
    });
  }
}
