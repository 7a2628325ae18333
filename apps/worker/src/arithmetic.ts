import type { EncodingChoice, StrategyChoice } from '#learning';
import type { KeptTree } from '#storage/rounds';

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
  /** of the bodies */
  readonly encoding: EncodingChoice;
  readonly strategy: StrategyChoice;
  /** whether to measure each update, for quantiles: not where the task is private */
  readonly measures?: boolean;
  /** where the partial sum or the aggregate goes, 16 bytes */
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
  /** SHA-256 of the file's bytes */
  readonly digest: Uint8Array;
  /** Σ q² of each update, smallest first, where it was asked for */
  readonly squaredNorms?: readonly number[] | undefined;
}

/** Noise of a round's own, or that of a tree at its step. */
export type Noise = { readonly deviation: number } & ({ readonly seed: Uint8Array } | TreeNoise);

export interface TreeNoise {
  readonly tree: KeptTree;
  /** of the banded factor that stands in the tree's place */
  readonly bands?: number | undefined;
  readonly step: number;
  /** where the tree's sums go, 16 bytes */
  readonly into: Uint8Array;
}

export interface CombineTask {
  readonly bodies: string;
  readonly models: string;
  /** partial sums in any number, or the one aggregate of a strategy that reads slices */
  readonly partials: readonly {
    readonly submissions: number;
    readonly fileId: Uint8Array;
    readonly digest: Uint8Array;
  }[];
  readonly grid: { readonly scale: number; readonly clip: number };
  readonly dimension: number;
  readonly modelIn: Uint8Array;
  readonly strategy: StrategyChoice;
  /** noise on the sum, where the task is private: its deviation in grid units, and the seed that it is drawn from */
  readonly noise: Noise | null;
  /** digest of what the optimizer carried out of the round before; null where there is nothing */
  readonly optimizerState: Uint8Array | null;
}

export interface CombineResult {
  readonly submissions: number;
  /** of the new model, durable in the model store */
  readonly modelOut: Uint8Array;
  /** SHA-256 of the released aggregate: float64 each, little-endian */
  readonly aggregate: Uint8Array;
  /** digest of what the optimizer carries on, durable in the model store; null where it needs nothing */
  readonly optimizerState: Uint8Array | null;
  /** of the tree after the release, where the noise is a tree's: its next seed, and the digest of its sums */
  readonly tree: { readonly seed: Uint8Array; readonly digest: Uint8Array } | null;
}

/** What makes a sum of partials, and leaves it at that. */
export type TotalTask = Pick<CombineTask, 'bodies' | 'partials' | 'grid' | 'dimension' | 'noise'>;

export interface TotalResult {
  readonly submissions: number;
  /** as it is released: with noise where the task is private */
  readonly values: Float64Array;
}

export interface Arithmetic {
  fold(task: FoldTask): Promise<FoldResult>;
  combine(task: CombineTask): Promise<CombineResult>;
  total(task: TotalTask): Promise<TotalResult>;
}
