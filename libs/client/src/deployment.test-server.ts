import { randomBytes, randomUUID } from 'node:crypto';

import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import { DEFAULT_SUITE, suiteOf } from '#credential';
import { encodeSafetensors } from '#learning';
import {
  encodeInfo,
  encodeManifest,
  encodeRoundRecord,
  ENCODING,
  parameterCount,
  type Manifest,
  type RoundRecord,
} from '#protocol';

import { nodeHashes } from './node/node-hashes.js';

/** Fresh bytes as a plain Uint8Array. */
export const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));

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

  constructor(changes: Partial<Manifest> = {}) {
    this.manifest = {
      audience: 'test.example',
      useCase: 'digits',
      version: 1,
      suite: this.suite.id,
      keys: [{ publicKey: this.suite.primaryPublicKey(this.primaryKey), firstEpoch: 0 }],
      logKey: random(32),
      epochOrigin: 1_700_000_000_000,
      epochSeconds: 3600,
      slots: 8,
      batch: 3,
      quota: 8,
      reuse: 1,
      kMin: 2,
      jitterMs: 0,
      encoding: ENCODING.int32,
      scale: 65_536,
      clipMicros: 1_000_000,
      weightLevels: [1, 2],
      chunkBytes: 1024,
      uploadDeadlineMs: 60_000,
      initialModel: new Uint8Array(32),
      topologyDigest: new Uint8Array(32),
      layout: SMALL,
      ...changes,
    };
    this.manifestBytes = encodeManifest(this.manifest);
    this.manifestDigest = nodeHashes.sha256(this.manifestBytes);
  }

  get deploymentKey(): string {
    return bytesToHex(ed25519.getPublicKey(this.#signingKey));
  }

  sign(bytes: Uint8Array): Uint8Array {
    return ed25519.sign(bytes, this.#signingKey);
  }

  /** Stores a model of the layout, every parameter `value`; returns its digest. */
  addModel(value: number | Float32Array): Uint8Array {
    const all = value instanceof Float32Array ? value : new Float32Array(parameterCount(this.manifest)).fill(value);
    let at = 0;
    const tensors = this.manifest.layout.map(({ name, shape }) => {
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
      modelDigest: changes.modelDigest ?? this.addModel(0),
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
