import type { Draft } from './draft.js';

/** What the form asks for itself, and no preview can miss: titles and ids are in no rule, codes and rounds are made later. */
const NEEDED = [
  ['title', 'a title', 'Model'],
  ['id', 'an id', 'Model'],
  ['target', 'the devices of a round', 'Rounds'],
  ['deadlineSeconds', 'a deadline', 'Rounds'],
  ['rounds', 'how many rounds', 'Rounds'],
  ['devices', 'how many devices to let in', 'Devices'],
  ['validDays', 'how long the code is good', 'Devices'],
] as const satisfies readonly (readonly [keyof Draft, string, string])[];

/** What is still to be filled in, and on which page. */
export const missingOf = (draft: Draft): string[] =>
  NEEDED.filter(([field]) => draft[field].trim() === '').map(([, what, page]) => `${what} (${page})`);
