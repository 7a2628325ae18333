import { randomUUID } from 'node:crypto';

import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import {
  DeviceHeaders,
  encodeInfo,
  enrolmentMessage,
  EnrolRequest,
  issuanceMessage,
  ProtocolError,
  tokenRequestBytes,
  TokensRequest,
} from '#protocol';

import { FIRST_EPOCH, random, type TestDeployment } from './deployment.test-server.js';
import { TestHttpServer, type SeenRequest } from './http.test-server.js';
import { nodeHashes } from './node/node-hashes.js';

/** An issuer in memory, with the lies an issuer could tell. */
export class TestIssuer {
  http!: TestHttpServer;
  window = { epoch: FIRST_EPOCH, nextSlot: 0 };
  /** what `GET …/slots` says, where it is not the truth (a round took a slot in between) */
  announced: { epoch: number; nextSlot: number } | undefined;
  /** evaluates under this key instead */
  otherKey: Uint8Array | undefined;
  /** signs the manifest that this function returns */
  manifestBytes: () => Uint8Array;
  readonly devices = new Map<string, string>();
  readonly batches = new Map<string, object>();
  readonly #issued = new Set<string>();

  private constructor(private readonly deployment: TestDeployment) {
    this.manifestBytes = () => deployment.manifestBytes;
  }

  static async start(deployment: TestDeployment): Promise<TestIssuer> {
    const issuer = new TestIssuer(deployment);
    issuer.http = await TestHttpServer.start((request) => issuer.#handle(request));
    return issuer;
  }

  /** Tokens issued, each slot of each device once. */
  get issued(): number {
    return this.#issued.size;
  }

  /** As another issuer would see the next request. */
  forgetIssued(): void {
    this.#issued.clear();
  }

  #handle(request: SeenRequest): object {
    const base = `/v1/use-cases/${this.deployment.manifest.useCase}`;
    if (request.path === '/v1/devices') return this.#enrol(request);
    if (request.path === `${base}/manifest`) return this.#manifest();
    if (request.path === `${base}/slots`) return this.announced ?? this.window;
    if (request.path === `${base}/tokens`) return this.#tokens(request);
    throw new ProtocolError('unknown_use_case', request.path);
  }

  #manifest(): object {
    const bytes = this.manifestBytes();
    return { manifest: bytesToHex(bytes), signature: bytesToHex(this.deployment.sign(bytes)) };
  }

  #enrol({ body }: SeenRequest): object {
    const { useCase, code, publicKey, signature } = EnrolRequest.parse(JSON.parse(body));
    const message = enrolmentMessage(this.deployment.manifest.audience, useCase, code, hexToBytes(publicKey));
    if (!ed25519.verify(hexToBytes(signature), message, hexToBytes(publicKey)))
      throw new ProtocolError('bad_signature', 'no');
    if (code !== 'welcome') throw new ProtocolError('invalid_code', 'no such code');
    const id = this.devices.get(publicKey) ?? randomUUID();
    this.devices.set(publicKey, id);
    return { deviceId: id };
  }

  #tokens({ headers, body }: SeenRequest): object {
    const request = TokensRequest.parse(JSON.parse(body));
    const { epoch, slots } = request;
    const blinded = request.blinded.map((hex) => hexToBytes(hex));
    const bytes = tokenRequestBytes({ epoch, slots, blinded });
    const device = this.#authenticate(headers, nodeHashes.sha256(bytes));
    const batchKey = `${device}/${bytesToHex(nodeHashes.sha256(bytes))}`;
    const before = this.batches.get(batchKey);
    if (before !== undefined) return before;
    const places = slots.map((slot) => `${device}/${epoch}/${slot}`);
    const { epoch: now, nextSlot } = this.window;
    const isOpen = (slot: number) => (epoch === now && slot >= nextSlot) || epoch === now + 1;
    if (!slots.every(isOpen)) throw new ProtocolError('epoch_not_open', 'a round took one of the slots');
    if (places.some((place) => this.#issued.has(place))) throw new ProtocolError('slot_taken', 'one token a slot');
    for (const place of places) this.#issued.add(place);
    const reply = this.#evaluate(epoch, slots, blinded);
    this.batches.set(batchKey, reply);
    return reply;
  }

  #evaluate(epoch: number, slots: readonly number[], blinded: readonly Uint8Array[]): object {
    const { suite, primaryKey, manifest } = this.deployment;
    const answers = slots.map((slot, i) => {
      const info = encodeInfo({ useCase: manifest.useCase, suite: suite.id, epoch, slot });
      return suite.evaluate(suite.deriveKeyPair(this.otherKey ?? primaryKey, info), [blinded[i]!], random);
    });
    return {
      evaluated: answers.map(({ evaluated }) => bytesToHex(evaluated[0]!)),
      proofs: answers.map(({ proof }) => bytesToHex(proof)),
    };
  }

  #authenticate(headers: SeenRequest['headers'], requestDigest: Uint8Array): string {
    const parsed = DeviceHeaders.parse(headers);
    const deviceId = parsed['starling-device'];
    const key = [...this.devices].find(([, id]) => id === deviceId)?.[0];
    const { audience, useCase } = this.deployment.manifest;
    const [timestamp, nonce] = [Number(parsed['starling-timestamp']), hexToBytes(parsed['starling-nonce'])];
    const message = issuanceMessage({ audience, deviceId, useCase, timestamp, nonce, requestDigest });
    if (key === undefined) throw new ProtocolError('unknown_device', 'who?');
    if (!ed25519.verify(hexToBytes(parsed['starling-signature']), message, hexToBytes(key))) {
      throw new ProtocolError('bad_signature', 'not signed by that device');
    }
    return deviceId;
  }
}
