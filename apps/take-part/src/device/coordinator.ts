import { NO_ANSWER, PageProblem } from './problems.js';

/** Base URL of the coordinator that served this page. */
export const coordinatorOf = (page: string): string => new URL('..', page).href.replace(/\/$/, '');

/** What everybody may ask, and asks alike: no cookie, no referrer. */
export async function askCoordinator<T>(coordinator: string, path: string): Promise<T> {
  const plain = { credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' } as const;
  const response = await fetch(`${coordinator}${path}`, plain).catch(() => undefined);
  if (response?.ok === true) return (await response.json()) as T;
  if (response === undefined) throw new PageProblem(NO_ANSWER);
  const title = 'The coordinator refused';
  if (response.status === 404) throw new PageProblem({ title, text: 'Ask whoever gave you the link for another one.' });
  throw new PageProblem({ title, text: 'Try again in a while.', passes: 'when asked' });
}

/** A round as the coordinator shows it to everybody; only what this page says of it. */
export interface RoundNews {
  readonly id: string;
  readonly sequence: number;
  readonly state: 'scheduled' | 'open' | 'frozen' | 'published' | 'abandoned';
  readonly closesAt: string | null;
  readonly waitsFor: string | null;
  readonly waitsUntil: string | null;
}

/** What is going on, in a sentence. */
export function describeRounds(rounds: readonly RoundNews[]): { readonly text: string; readonly until: string | null } {
  const current = rounds.find(({ state }) => state === 'open' || state === 'frozen' || state === 'scheduled');
  if (current === undefined)
    return { text: 'No round is planned. This page looks for one as long as it is open.', until: null };
  if (current.state === 'open') return { text: `Round ${current.sequence} is open.`, until: current.closesAt };
  if (current.state === 'frozen') return { text: `Round ${current.sequence} is being summed up.`, until: null };
  const why = current.waitsFor ?? 'It waits for its turn.';
  return { text: `Round ${current.sequence} is not open yet. ${why}`, until: current.waitsUntil };
}
