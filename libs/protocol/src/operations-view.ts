/** Whether a process can do its work, lacks something, or gives no answer. */
export type ProcessState = 'ready' | 'waiting' | 'away';

/** A process as its own `/ready` and `/metrics` show it; null where it says nothing. */
export interface ProcessView {
  readonly name: string;
  readonly state: ProcessState;
  /** what it lacks */
  readonly reason: string | null;
  readonly startedAt: string | null;
  /** 99th percentile since the process was asked before */
  readonly eventLoopLagMs: number | null;
  readonly memoryBytes: number | null;
  /** TCP connections that are open */
  readonly connections: number | null;
}

export interface QueueView {
  readonly name: string;
  /** also those that wait for others, as publishing does for its shards */
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  readonly oldestWaitingMs: number | null;
}

/** Over the last seconds, all processes together. */
export interface OperationRates {
  /** tokens */
  readonly issuedPerSecond: number;
  /** tokens found genuine */
  readonly redeemedPerSecond: number;
  /** updates */
  readonly acceptedPerSecond: number;
  /** requests and messages */
  readonly refusedPerSecond: number;
  readonly shedPerSecond: number;
}

/** How a deployment is doing now. */
export interface OperationsView {
  readonly processes: readonly ProcessView[];
  readonly queues: readonly QueueView[];
  readonly rates: OperationRates;
  /** since the processes started; most frequent first */
  readonly refusals: readonly { readonly code: string; readonly count: number }[];
}
