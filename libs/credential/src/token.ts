/**
 * A token is 32 random bytes `t` that the device made, and the suite's output for them: a secret that the device
 * and whoever holds the derived key both know. The secret never travels; keys made of it speak for it.
 */
import { asciiToBytes, concatBytes, isBytes } from '@noble/curves/utils.js';

import { CredentialError } from './errors.js';
import type { Hashes } from './hashes.js';
import { hkdfExpand, hkdfExtract } from './hkdf.js';
import { checkInput, lengthPrefixed } from './length-prefix.js';

/** Bytes of `t`, of a suite's output and of a token key. */
export const TOKEN_LENGTH = 32;
export const OUTPUT_LENGTH = 64;
const KEY_LENGTH = 32;

const TOKEN_HASH_PREFIX = asciiToBytes('starling-token-v1');
const SUBMIT_MAC = asciiToBytes('starling submit mac v1');
const RECEIPT_MAC = asciiToBytes('starling receipt mac v1');
const ORDER = asciiToBytes('starling order v1');

/** 32 bytes each; all of them secret. */
export interface TokenKeys {
  /** Authenticates a submission's header. */
  readonly macKey: Uint8Array;
  /** Authenticates the receipt that intake answers. */
  readonly receiptKey: Uint8Array;
  /** Orders submissions where a target cuts: a device cannot choose it. */
  readonly orderKey: Uint8Array;
}

/**
 * The keys of one token: HKDF-SHA256 (RFC 5869) of the output, no salt, a label and SHA256(info) as context.
 *
 * @param prf  the suite's output for the token, 64 bytes
 * @param info  the canonical attributes it was issued for, at most 65,535 bytes
 * @throws CredentialError `invalid_input` for another length
 */
export function deriveTokenKeys(hashes: Hashes, prf: Uint8Array, info: Uint8Array): TokenKeys {
  checkLength(prf, OUTPUT_LENGTH, 'output');
  checkInput(info, 'info');
  const context = hashes.sha256(info);
  const prk = hkdfExtract(hashes, new Uint8Array(0), prf);
  const key = (label: Uint8Array) => hkdfExpand(hashes, prk, concatBytes(label, context), KEY_LENGTH);
  return { macKey: key(SUBMIT_MAC), receiptKey: key(RECEIPT_MAC), orderKey: key(ORDER) };
}

/**
 * What the ledger knows a token by: SHA-256("starling-token-v1" ‖ LP(info) ‖ t), 32 bytes.
 *
 * @throws CredentialError `invalid_input` unless `t` has 32 bytes and `info` at most 65,535
 */
export function tokenHash(hashes: Hashes, info: Uint8Array, t: Uint8Array): Uint8Array {
  checkLength(t, TOKEN_LENGTH, 'token');
  return hashes.sha256(concatBytes(TOKEN_HASH_PREFIX, lengthPrefixed(info), t));
}

function checkLength(bytes: Uint8Array, length: number, what: string): void {
  if (!isBytes(bytes) || bytes.length !== length) {
    throw new CredentialError('invalid_input', `${what}: expected ${length} bytes`);
  }
}
