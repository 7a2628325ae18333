import { createPublicKey, verify } from 'node:crypto';

import type { VerifySignature } from '../signature.js';

/** About twenty times as fast as what also runs in a browser, and a device checks every tree head. */
export const nodeVerify: VerifySignature = (signature, message, publicKey) => {
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
};
