/** What the page tells its training worker, and hears of it. */
export interface TrainingOrder {
  readonly topology: object;
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly inputs: Float32Array<ArrayBuffer>;
  readonly labels: Uint32Array<ArrayBuffer>;
  readonly settings: TrainingSettings;
  /** FedProx's pull towards the round's model; 0 is none */
  readonly proximalMu: number;
}

export interface TrainingSettings {
  /** passes over the examples */
  readonly localEpochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

export const TRAINING: TrainingSettings = { localEpochs: 5, batchSize: 16, learningRate: 0.1 };

export interface TrainingProgress {
  /** passes that are over, as a fraction too */
  readonly passes: number;
  readonly of: number;
  /** mean loss of each pass, the one under way last */
  readonly losses: readonly number[];
  /** what computes: wasm, cpu */
  readonly backend: string;
}

export type TrainingNews =
  | { readonly kind: 'progress'; readonly progress: TrainingProgress }
  | { readonly kind: 'trained'; readonly parameters: Float32Array<ArrayBuffer> }
  | { readonly kind: 'failed'; readonly why: string };
