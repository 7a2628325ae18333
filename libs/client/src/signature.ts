import { ed25519 } from '@noble/curves/ed25519.js';

/** Ed25519 by RFC 8032. May throw at what is malformed. */
export type VerifySignature = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

/** Runs everywhere. RFC 8032, not ZIP 215: one signature has one encoding. */
const nobleVerify: VerifySignature = (signature, message, publicKey) =>
  ed25519.verify(signature, message, publicKey, { zip215: false });

/** Whether it is this key's signature of the message; false for anything malformed. */
export function isSigned(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
  verify: VerifySignature = nobleVerify,
): boolean {
  try {
    return verify(signature, message, publicKey);
  } catch {
    return false;
  }
}
