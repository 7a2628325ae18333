/** What the transparency log says: each a fact that must be the same for every device. */
export type LogLeaf =
  | KeyLeaf
  | ManifestLeaf
  | DerivedKeysLeaf
  | RoundLeaf
  | ResultLeaf
  | AbandonmentLeaf
  | KeyRetirementLeaf
  | EpochRetirementLeaf
  | RestartLeaf
  | EvaluationLeaf;

/** A primary key is that of a use case from an epoch on. */
export interface KeyLeaf {
  readonly kind: 'key';
  readonly useCase: string;
  readonly suite: string;
  /** SHA-256 of the public key, 32 bytes */
  readonly keyDigest: Uint8Array;
  readonly firstEpoch: number;
}

/** A manifest; its bytes are served by issuer and coordinator. */
export interface ManifestLeaf {
  readonly kind: 'manifest';
  readonly useCase: string;
  readonly version: number;
  /** SHA-256 of its bytes, 32 bytes */
  readonly digest: Uint8Array;
  /** the deployment key's, 64 bytes */
  readonly signature: Uint8Array;
}

/** For suites whose derived keys prove nothing: all of an epoch's. */
export interface DerivedKeysLeaf {
  readonly kind: 'derived_keys';
  readonly useCase: string;
  readonly epoch: number;
  /** SHA-256 of `derivedKeyList`, 32 bytes */
  readonly digest: Uint8Array;
}

/** R itself, before its round opens. */
export interface RoundLeaf {
  readonly kind: 'round';
  readonly record: Uint8Array;
}

export interface ResultLeaf {
  readonly kind: 'result';
  /** SHA-256(R), 32 bytes */
  readonly recordDigest: Uint8Array;
  /** Merkle root of the accepted list: SHA-256(H) of each update, sorted by value */
  readonly acceptedRoot: Uint8Array;
  readonly accepted: number;
  /** SHA-256 of the aggregate as it was released, never of an exact sum under noise */
  readonly aggregateDigest: Uint8Array;
  /** SHA-256 of the model file it led to */
  readonly modelOut: Uint8Array;
  /** ε spent after this round, in millionths; null without accounting */
  readonly epsilonMicros: number | null;
}

/** What devices found of a model: the end of a round that measured it. */
export interface EvaluationLeaf {
  readonly kind: 'evaluation';
  /** SHA-256(R), 32 bytes */
  readonly recordDigest: Uint8Array;
  /** Merkle root of the accepted list, as of a result */
  readonly acceptedRoot: Uint8Array;
  readonly accepted: number;
  /** sums of the devices' thousandths, as they were released: over `accepted` they are the means */
  readonly lossSum: number;
  readonly accuracySum: number;
  /** as of a result */
  readonly epsilonMicros: number | null;
}

/**
 * Why a round that was announced came to nothing. `missed`: it could not open before its epoch ended. A plan that is
 * done ends rounds before they are announced.
 */
export const LOGGED_REASONS = ['too_few', 'aborted', 'failed', 'missed'] as const;
export type LoggedReason = (typeof LOGGED_REASONS)[number];

export interface AbandonmentLeaf {
  readonly kind: 'abandonment';
  readonly recordDigest: Uint8Array;
  readonly reason: LoggedReason;
}

/** A key that is good for no epoch after `lastEpoch`. */
export interface KeyRetirementLeaf {
  readonly kind: 'key_retirement';
  readonly useCase: string;
  readonly keyDigest: Uint8Array;
  readonly lastEpoch: number;
}

/** Tokens of all epochs up to and with `through` are void: after a restore, or in an emergency. */
export interface EpochRetirementLeaf {
  readonly kind: 'epoch_retirement';
  readonly useCase: string;
  readonly through: number;
}

/** One round begins with an earlier model than the last result: everybody sees which, before its record. */
export interface RestartLeaf {
  readonly kind: 'restart';
  readonly useCase: string;
  /** 16 bytes */
  readonly roundId: Uint8Array;
  /** SHA-256 of the model file */
  readonly modelDigest: Uint8Array;
}
