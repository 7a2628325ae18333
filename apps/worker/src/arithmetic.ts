/** The sums of a round, done in worker threads: a million numbers at a time would hold up the event loop. */
export interface FoldTask {
  readonly bodies: string;
  readonly submissions: readonly {
    readonly bodyId: Uint8Array;
    readonly payloadDigest: Uint8Array;
    readonly weight: number;
  }[];
  readonly grid: { readonly scale: number; readonly clip: number };
  readonly dimension: number;
  /** where the partial sum goes, 16 bytes */
  readonly fileId: Uint8Array;
}

/** What no retry would change: content that cannot be summed. A value, because an error loses its class between threads. */
export interface Rotten {
  readonly rotten: string;
}

/** The same, thrown where the round is known. */
export class RottenError extends Error {
  override readonly name = 'RottenError';
}

export interface FoldResult {
  readonly submissions: number;
  readonly totalWeight: number;
  /** SHA-256 of the partial sum's bytes */
  readonly digest: Uint8Array;
}

export interface CombineTask {
  readonly bodies: string;
  readonly models: string;
  readonly partials: readonly { readonly fileId: Uint8Array; readonly digest: Uint8Array }[];
  readonly grid: { readonly scale: number; readonly clip: number };
  readonly dimension: number;
  readonly modelIn: Uint8Array;
  readonly modelBefore: Uint8Array | null;
  readonly serverStep: { readonly learningRate: number; readonly momentum: number };
}

export interface CombineResult {
  readonly submissions: number;
  /** of the new model, durable in the model store */
  readonly modelOut: Uint8Array;
  /** SHA-256 of the released aggregate: float64 each, little-endian */
  readonly aggregate: Uint8Array;
}

export interface Arithmetic {
  fold(task: FoldTask): Promise<FoldResult>;
  combine(task: CombineTask): Promise<CombineResult>;
}
