import type { Refusal, SignedTreeHead } from '#protocol';

/** Everything that can go wrong on a device, each a sentence in `ClientError.message`. */
export const CLIENT_CODES = [
  /** nobody answered, after every retry */
  'unreachable',
  /** issuer or coordinator said no; `refusal` says why */
  'refused',
  /** an answer that is not what the protocol says */
  'malformed_reply',
  /** not signed by the pinned key, for another use case, or not the manifest of last time */
  'untrusted_manifest',
  /** a manifest, key, round or list that the public log does not have: it may be this device's alone */
  'unlogged',
  /** a log that its key or witness did not sign, or that contradicts itself */
  'untrusted_log',
  /** a log that is not the one this device saw before, or that its witness sees; `heads` shows it */
  'split_view',
  /** an evaluation whose proof does not hold against the key this device computed */
  'malicious_issuer',
  /** a round record that contradicts the manifest */
  'bad_round',
  /** a round record that names a manifest which neither this device nor the coordinator has */
  'unknown_manifest',
  /** model bytes that are not what the round record names */
  'wrong_model',
  /** the author's training returned something that is no update */
  'bad_training',
  /** the author's evaluation returned something that is no loss and no accuracy */
  'bad_evaluation',
  /** a receipt that only intake could make, and that it did not make */
  'forged_receipt',
  /** the token was used for another update before */
  'token_used',
  /** what the store holds cannot be read, or belongs to another use case */
  'damaged_store',
  /** another program or another tab of the browser is this device now: one store is one device */
  'store_in_use',
] as const;
export type ClientCode = (typeof CLIENT_CODES)[number];

/** A device cannot go on. Messages carry ids and sizes, never token, key or update bytes. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly refusal: Refusal | undefined;
  /** `split_view`: signed heads that cannot both be of one log, or the one that what was served does not have */
  readonly heads: readonly SignedTreeHead[];

  constructor(
    readonly code: ClientCode,
    message: string,
    {
      refusal,
      cause,
      heads = [],
    }: { readonly refusal?: Refusal; readonly cause?: unknown; readonly heads?: readonly SignedTreeHead[] } = {},
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.refusal = refusal;
    this.heads = heads;
  }
}
