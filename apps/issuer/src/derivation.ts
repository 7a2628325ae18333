/** What a worker thread is asked to do: derive the keys of slots. */
export interface DerivationTask {
  readonly suite: string;
  readonly primaryKey: Uint8Array;
  /** one a slot */
  readonly infos: readonly Uint8Array[];
}

/** The public side of a derived key, and what shows that it comes from the primary key. */
export interface PublicDerivedKey {
  readonly publicKey: Uint8Array;
  /** empty where nothing can */
  readonly proof: Uint8Array;
}

/** In the order of the infos. */
export type Derive = (task: DerivationTask) => Promise<PublicDerivedKey[]>;
