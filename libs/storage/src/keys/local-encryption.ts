import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

import { StorageError } from '../database/storage-error.js';
import { contextText, WRAPPED_BY, type KeyContext, type KeyEncryption } from './key-encryption.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ID_BYTES = 8;

/**
 * A master key in this process's memory:
 *
 *   wrapped = u8(1) ‖ id of the master key(8) ‖ nonce(12) ‖ AES-256-GCM(key) ‖ tag(16)
 *
 * with the context as associated data. What was wrapped before there were ids begins with the nonce and
 * is still opened.
 */
export class LocalEncryption implements KeyEncryption {
  readonly #prefix: Buffer;

  /** @param masterKey  32 bytes */
  constructor(private readonly masterKey: Uint8Array) {
    this.#prefix = Buffer.concat([Buffer.of(WRAPPED_BY.local), masterKeyId(masterKey)]);
  }

  async wrap(key: Uint8Array, context: KeyContext): Promise<Uint8Array> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.masterKey, nonce).setAAD(Buffer.from(contextText(context)));
    return Buffer.concat([this.#prefix, nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  }

  async unwrap(wrapped: Uint8Array, context: KeyContext): Promise<Uint8Array> {
    const bytes = Buffer.from(wrapped);
    const isOurs = bytes.subarray(0, this.#prefix.length).equals(this.#prefix);
    try {
      return this.#open(isOurs ? bytes.subarray(this.#prefix.length) : bytes, context);
    } catch {
      throw new StorageError('wrong_master_key', this.#sentence(bytes, context, isOurs));
    }
  }

  #open(bytes: Buffer, context: KeyContext): Uint8Array {
    const decipher = createDecipheriv('aes-256-gcm', this.masterKey, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(contextText(context))).setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  }

  #sentence(bytes: Buffer, { useCase }: KeyContext, isOurs: boolean): string {
    const key = `The primary key of ${useCase}`;
    if (isOurs) return `${key} does not open: its row was changed, or moved from another use case.`;
    if (bytes[0] === WRAPPED_BY.kms) return `${key} was wrapped by a KMS: this process needs KMS_COMMAND.`;
    const own = this.#prefix.subarray(1).toString('hex');
    const its = bytes.subarray(1, 1 + ID_BYTES).toString('hex');
    return `${key} was wrapped under another master key (${its}) than this process has (${own}): give it the right one.`;
  }
}

/** Names a master key without telling anything of it: 8 bytes. */
function masterKeyId(masterKey: Uint8Array): Buffer {
  return createHash('sha256').update('starling-master-key-v1').update(masterKey).digest().subarray(0, ID_BYTES);
}
