import { createHash, generateKeyPairSync, sign } from 'node:crypto';

import { suiteOf, type BlindState, type Engine } from '#credential';
import { encodeInfo, issuanceMessage, keyAt, tokenRequestBytes, type Manifest, type TokensReply } from '#protocol';

import type { SignedRequest } from '../../apps/issuer/src/token-issuer.js';
import type { Token } from '../fixtures/device.js';

import { AUDIENCE, random } from './premises.js';

/** A request that was made, and is made again byte for byte until it is answered. */
interface Batch {
  readonly epoch: number;
  readonly slots: readonly number[];
  readonly states: readonly BlindState[];
}

/** A device of the simulation: what it holds, and what it waits for. */
export class Phone {
  readonly #key = generateKeyPairSync('ed25519');
  readonly tokens = new Map<string, Token>();
  id = '';
  pending: Batch | undefined;

  get publicKey(): Uint8Array {
    return Buffer.from(this.#key.publicKey.export({ format: 'jwk' }).x!, 'base64url');
  }

  token(epoch: number, slot: number): Token | undefined {
    return this.tokens.get(`${epoch} ${slot}`);
  }

  /** The request under way, or one for these slots. */
  ask(engine: Engine, manifest: Manifest, epoch: number, slots: readonly number[]): SignedRequest {
    this.pending ??= { epoch, slots, states: slots.map((slot) => blind(engine, manifest, epoch, slot)) };
    const { states } = this.pending;
    const request = {
      epoch: this.pending.epoch,
      slots: [...this.pending.slots],
      blinded: states.map((one) => one.blinded[0]!),
    };
    const [timestamp, nonce] = [Date.now(), random(16)];
    const requestDigest = createHash('sha256').update(tokenRequestBytes(request)).digest();
    const { useCase } = manifest;
    const message = issuanceMessage({
      audience: AUDIENCE,
      deviceId: this.id,
      useCase,
      timestamp,
      nonce,
      requestDigest,
    });
    const signature = sign(null, message, this.#key.privateKey);
    return { deviceId: this.id, useCase, timestamp, nonce, signature, request };
  }

  /** Takes the blinds off; throws where a proof does not hold. */
  take(engine: Engine, { suite: id }: Manifest, { evaluated, proofs }: TokensReply): void {
    const { epoch, slots, states } = this.pending!;
    const suite = suiteOf(id, engine);
    states.forEach((state, i) => {
      const prf = suite.finalize(state, [bytesOf(evaluated[i]!)], bytesOf(proofs[i]!))[0]!;
      const slot = slots[i]!;
      this.tokens.set(`${epoch} ${slot}`, { epoch, slot, info: state.attributes, token: state.inputs[0]!, prf });
    });
    this.pending = undefined;
  }
}

function blind(engine: Engine, manifest: Manifest, epoch: number, slot: number): BlindState {
  const suite = suiteOf(manifest.suite, engine);
  const attributes = encodeInfo({ useCase: manifest.useCase, suite: manifest.suite, epoch, slot });
  const publicKey = suite.derivePublicKey(keyAt(manifest, epoch)!.publicKey, attributes);
  return suite.blind([random(32)], { public: publicKey, attributes }, random).state;
}

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
