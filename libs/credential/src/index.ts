/** Anonymous credentials: suites that issue tokens blindly, and the keys made of a token. Pure functions. */
export { encodeAttributes } from './acs/attributes.js';
export { checkAcsVectors, type AcsResult } from './acs-vectors/check.js';
export { AcsVectorFile, type AcsList } from './acs-vectors/form.js';
export { MAX_BATCH } from './batch.js';
export { CredentialError, type CredentialErrorCode } from './errors.js';
export { nobleHashes, type Hashes } from './hashes.js';
export type { Engine, Group, GroupName } from './group.js';
export { hkdfExpand, hkdfExtract } from './hkdf.js';
export { nobleEngine } from './noble/noble-engine.js';
export type { Mode } from './oprf/context.js';
export { deriveKeyPair, generateKeyPair, type OprfKeyPair } from './oprf/key-pair.js';
export { oprf, type Oprf } from './oprf/oprf.js';
export { poprfSuite } from './oprf/poprf-suite.js';
export type { Blinds } from './oprf/steps.js';
export { voprf, type Voprf } from './oprf/voprf.js';
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
export { DEFAULT_SUITE, SUITE_IDS, suiteOf } from './suites.js';
export { OUTPUT_LENGTH, TOKEN_LENGTH, deriveTokenKeys, tokenHash, type TokenKeys } from './token.js';
