import type { MisbehaviourKind } from './misbehaviour.js';

/** How one round went for the devices that took part honestly. Counts of devices. */
export interface RoundTally {
  readonly accepted: number;
  /** by code of intake */
  readonly refused: Readonly<Record<string, number>>;
  /** by reason */
  readonly skipped: Readonly<Record<string, number>>;
  /** gave up without an answer, by the error's code */
  readonly failed: Readonly<Record<string, number>>;
}

/** What the fleet says, one JSON object a line. */
export type FleetReport =
  | { readonly type: 'enrolled'; readonly count: number; readonly of: number }
  | { readonly type: 'prefetched'; readonly devices: number; readonly tokens: number }
  | ({
      readonly type: 'round';
      readonly position: number;
      readonly epoch: number;
      readonly slot: number;
      /** devices measured its model */
      readonly evaluation?: true;
    } & RoundTally)
  | {
      readonly type: 'misbehaved';
      readonly kind: MisbehaviourKind;
      readonly slot: number;
      /** what intake answered; null where the device did not wait for an answer */
      readonly code: string | null;
    }
  | { readonly type: 'trouble'; readonly code: string; readonly message: string }
  | { readonly type: 'done'; readonly rounds: number };

export type Report = (line: FleetReport) => void;

export const printReport: Report = (line) => void process.stdout.write(`${JSON.stringify(line)}\n`);
