/** Anonymous credentials: suites that issue tokens blindly, and the keys made of a token. Pure functions. */
export { MAX_BATCH } from './batch.js';
export { CredentialError, type CredentialErrorCode } from './errors.js';
export { nobleHashes, type Hashes } from './hashes.js';
export { hkdfExpand, hkdfExtract } from './hkdf.js';
export {
  Rfc9497File,
  checkRfc9497Vector,
  hasRfc9497Suite,
  rfc9497SuiteName,
  type Rfc9497Suite,
  type Rfc9497Vector,
} from './rfc9497.js';
export type {
  BlindState,
  Blinding,
  BlindingKey,
  CredentialSuite,
  DerivedKeyPair,
  Evaluation,
  RandomBytes,
} from './suite.js';
export { DEFAULT_SUITE, suiteOf } from './suites.js';
export { OUTPUT_LENGTH, TOKEN_LENGTH, deriveTokenKeys, tokenHash, type TokenKeys } from './token.js';
