import type { HistoryEntry } from '../memory/memory.js';
import type { Examples } from '../examples/examples.js';
import type { TrainingProgress } from '../training/messages.js';
import type { Problem } from './problems.js';
import type { Surroundings } from './surroundings.js';
import type { Terms } from './terms.js';
import type { UpdateSummary } from './update-summary.js';

/** Where a person stands. */
export type Phase = 'loading' | 'stopped' | 'consent' | 'enrolling' | 'joined' | 'left';

export interface PageState {
  readonly phase: Phase;
  /** stopped: why; joined: what went wrong last */
  readonly problem: Problem | undefined;
  /** stopped: it is trying again now */
  readonly isTrying: boolean;
  /** title of the task that this browser joined before */
  readonly task: string | undefined;
  readonly terms: Terms | undefined;
  readonly examples: Examples | undefined;
  readonly isRunning: boolean;
  /** the screen stays on; undefined until the browser has said whether it can see to that */
  readonly isAwake: boolean | undefined;
  /** what the coordinator says of the rounds */
  readonly rounds: { readonly text: string; readonly until: string | null } | undefined;
  /** why the last open round was left out */
  readonly note: string | undefined;
  readonly training: TrainingProgress | undefined;
  /** of the update that is on its way, or left last */
  readonly update: UpdateSummary | undefined;
  readonly isSending: boolean;
  readonly history: readonly HistoryEntry[];
  readonly surroundings: Surroundings | undefined;
}

export const BEGINNING: PageState = {
  phase: 'loading',
  problem: undefined,
  isTrying: false,
  task: undefined,
  terms: undefined,
  examples: undefined,
  isRunning: false,
  isAwake: undefined,
  rounds: undefined,
  note: undefined,
  training: undefined,
  update: undefined,
  isSending: false,
  history: [],
  surroundings: undefined,
};
