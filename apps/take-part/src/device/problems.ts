import { ClientError } from '#client/browser';

/** What went wrong, and what to do about it, in words for a person. */
export interface Problem {
  readonly title: string;
  readonly text: string;
}

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
  unreachable: {
    title: 'No answer',
    text: 'The server cannot be reached. Check your connection, then load the page again.',
  },
  store_in_use: { title: 'Open in another tab', text: 'You take part in another tab of this browser. Go on there.' },
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

/** Why nothing was sent in a round. */
export const SKIPPED: Readonly<Record<string, string>> = {
  too_few_tokens: 'A round is open, but too few devices could hide you in it. It is left out.',
  no_token: 'A round is open for which this device has no token. It waits for the next one.',
  token_too_new:
    'A round opened right after this device got its token; taking part now would show who you are. It waits for the next one.',
  no_evaluation: 'The round only measures the model; this page sits it out.',
  too_stale: 'The model moved on too far during the training. Nothing was sent.',
};
