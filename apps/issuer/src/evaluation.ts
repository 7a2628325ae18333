/** What a worker thread is asked to do: evaluate one blinded element a slot, each under its own `info`. */
export interface EvaluationTask {
  readonly suite: string;
  readonly primaryKey: Uint8Array;
  readonly items: readonly { readonly info: Uint8Array; readonly blinded: Uint8Array }[];
}

/** In the order of the items; or the first refusal. */
export type EvaluationResult =
  | { readonly tokens: readonly { readonly evaluated: Uint8Array; readonly proof: Uint8Array }[] }
  | { readonly malformed: string };
