import sodium from 'libsodium-wrappers-sumo';

import type { PasswordTask } from './passwords.js';

/** OWASP's first choice is below this: 64 MiB, three passes, one lane. */
const PASSES = 3;
const BYTES = 65_536 * 1024;

/** @returns the standard argon2id string, or whether one was made from this password */
export default async function work({ password, hash }: PasswordTask): Promise<string | boolean> {
  await sodium.ready;
  return hash === undefined
    ? sodium.crypto_pwhash_str(password, PASSES, BYTES)
    : sodium.crypto_pwhash_str_verify(hash, password);
}
