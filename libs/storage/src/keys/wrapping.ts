import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a primary key for its row: nonce ‖ AES-256-GCM(key) ‖ tag, bound to its use case and suite
 * so that a row moved to another use case does not open.
 *
 * @param wrappingKey  32 bytes, from a file that only issuer and intake can read
 */
export function wrapKey(wrappingKey: Uint8Array, key: Uint8Array, context: KeyContext): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', wrappingKey, nonce).setAAD(associatedData(context));
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error when the wrapping key is another one, or the row was changed or moved */
export function unwrapKey(wrappingKey: Uint8Array, wrapped: Uint8Array, context: KeyContext): Uint8Array {
  const nonce = wrapped.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', wrappingKey, nonce).setAAD(associatedData(context));
  decipher.setAuthTag(wrapped.subarray(wrapped.length - TAG_BYTES));
  return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

export interface KeyContext {
  readonly useCase: string;
  readonly suite: string;
}

// A space cannot stand in either name.
const associatedData = ({ useCase, suite }: KeyContext): Buffer => Buffer.from(`starling-key-v1 ${useCase} ${suite}`);
