/** What the page asks of the worker that reads the log. */
export type LogQuestion =
  | { readonly kind: 'recent'; readonly pinnedKey: string | null }
  | { readonly kind: 'round'; readonly roundId: string }
  | { readonly kind: 'verify'; readonly remembered: RememberedLog | null }
  | { readonly kind: 'accepted'; readonly roundId: string };

/** What this browser saw of the log before; bytes in hex. */
export interface RememberedLog {
  readonly size: number;
  readonly root: string;
  /** that signed it */
  readonly logKey: string;
}

export interface HeadView {
  readonly size: number;
  readonly root: string;
  /** unix ms */
  readonly timestamp: number;
  readonly isSigned: boolean;
  readonly logKey: string;
  /** whether that key is the one that this browser saw before; null where it saw none */
  readonly isKnownKey: boolean | null;
}

/** A leaf in words. */
export interface LeafView {
  readonly position: number;
  readonly kind: string;
  readonly text: string;
  readonly roundId: string | null;
  readonly model: string | null;
}

export interface RecentLog {
  readonly head: HeadView;
  /** newest first */
  readonly leaves: readonly LeafView[];
}

export interface Problem {
  /** of a leaf; null where it is about the head */
  readonly position: number | null;
  readonly what: string;
}

export interface Verification {
  readonly size: number;
  readonly root: string;
  readonly logKey: string;
  readonly leaves: number;
  readonly manifests: number;
  /** leaves that this browser had seen before, and that are still the same; null where it saw none */
  readonly since: number | null;
  readonly problems: readonly Problem[];
}

export interface AcceptedVerdict {
  /** digests in the list that is served */
  readonly listed: number;
  /** updates that the leaf says */
  readonly logged: number | null;
  readonly position: number | null;
  readonly problems: readonly string[];
}

export interface LogAnswers {
  readonly recent: RecentLog;
  readonly round: readonly LeafView[];
  readonly verify: Verification;
  readonly accepted: AcceptedVerdict;
}

/** What the worker says; `progress` any number of times before the end. */
export type LogReply =
  | { readonly id: number; readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly id: number; readonly type: 'answer'; readonly answer: LogAnswers[keyof LogAnswers] }
  | { readonly id: number; readonly type: 'failed'; readonly problem: string };
