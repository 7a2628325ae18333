import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

/** PKCS #8 of an Ed25519 private key is this, then the 32-byte seed (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An Ed25519 key that signs for the deployment: manifests with one that devices pin, tree heads with another. */
export class SigningKey {
  readonly #key: KeyObject;

  /** @param seed  32 bytes */
  constructor(seed: Uint8Array) {
    this.#key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  }

  /** 32 bytes */
  get publicKey(): Uint8Array {
    const { x } = createPublicKey(this.#key).export({ format: 'jwk' });
    return Buffer.from(x!, 'base64url');
  }

  sign(message: Uint8Array): Uint8Array {
    return sign(null, message, this.#key);
  }
}
