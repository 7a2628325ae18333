import { ClientError } from '#client/browser';

/** What went wrong, and what to do about it, in words for a person. */
export interface Problem {
  readonly title: string;
  readonly text: string;
  /**
   * It may be over in a moment. `by itself`: the page tries again, and says so; `when asked`: the person does;
   * `elsewhere`: so too, and what this browser keeps is in use meanwhile
   */
  readonly passes?: 'by itself' | 'when asked' | 'elsewhere';
}

export const NO_ANSWER: Problem = {
  title: 'No answer',
  text: 'The server cannot be reached. Check your connection: this page tries again by itself.',
  passes: 'by itself',
};

const TOO_BUSY: Problem = {
  title: 'The server is busy',
  text: 'Many ask at once. This page tries again by itself.',
  passes: 'by itself',
};

export class PageProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}

const OF_CODE: Readonly<Record<string, Problem>> = {
  invalid_code: {
    title: 'This link lets nobody in any more',
    text: 'Its code was used as often as it may be, has expired, or was withdrawn. Ask whoever gave it to you for another one.',
  },
  unknown_use_case: { title: 'This task does not exist', text: 'Ask whoever gave you the link for another one.' },
  not_found: {
    title: 'This deployment cannot be joined here',
    text: 'Its operator has not said where devices should go.',
  },
  unreachable: NO_ANSWER,
  overloaded: TOO_BUSY,
  rate_limited: TOO_BUSY,
  store_in_use: {
    title: 'Open in another tab',
    text: 'You take part in another tab of this browser. Go on there, or close it and try again here.',
    passes: 'elsewhere',
  },
  untrusted_manifest: {
    title: 'The rules are not signed as they should be',
    text: 'Nothing was sent. Tell whoever gave you the link.',
  },
  split_view: {
    title: 'The public log contradicts itself',
    text: 'This device was shown another log than before. Nothing more is sent. Tell whoever gave you the link.',
  },
  damaged_store: { title: 'What this browser kept cannot be read', text: 'Leave the task, then join again.' },
};

export function problemOf(error: unknown): Problem {
  if (error instanceof PageProblem) return error.problem;
  if (error instanceof ClientError) {
    const known = OF_CODE[error.refusal?.code ?? error.code] ?? OF_CODE[error.code];
    return known ?? { title: 'It could not go on', text: error.message };
  }
  return { title: 'Something broke', text: error instanceof Error ? error.message : String(error) };
}

/** An update left, or was about to, and the round ended before there was an answer. */
export const UNANSWERED =
  'The round ended before intake answered. If your update arrived it counts; this page cannot tell.';

/** Why nothing was sent in a round. */
export const SKIPPED: Readonly<Record<string, string>> = {
  too_few_tokens: 'A round is open, but too few devices could hide you in it. It is left out.',
  no_token: 'A round is open for which this device has no token. It waits for the next one.',
  token_too_new:
    'A round opened right after this device got its token; taking part now would show who you are. It waits for the next one.',
  no_evaluation: 'The round only measures the model; this page sits it out.',
  too_stale: 'The model moved on too far during the training. Nothing was sent.',
};
