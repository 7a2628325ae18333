/** What a wrapped key belongs to: opened for anything else, it does not open. */
export interface KeyContext {
  readonly useCase: string;
  readonly suite: string;
}

/** Encrypts primary keys for their rows, under a master key that is never a row itself. */
export interface KeyEncryption {
  wrap(key: Uint8Array, context: KeyContext): Promise<Uint8Array>;
  /** @throws StorageError `wrong_master_key` when another master key wrapped it, or the row was changed or moved; `kms_failed` */
  unwrap(wrapped: Uint8Array, context: KeyContext): Promise<Uint8Array>;
}

/** First byte of a wrapped key: who can open it. */
export const WRAPPED_BY = { local: 1, kms: 2 } as const;

/** One text for one context: a space cannot stand in either name. */
export const contextText = ({ useCase, suite }: KeyContext): string => `starling-key-v1 ${useCase} ${suite}`;
