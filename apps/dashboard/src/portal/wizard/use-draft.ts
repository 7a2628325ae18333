import { useCallback, useEffect, useState } from 'react';

import { FRESH, idOf, keepDraft, readDraft, type Draft } from './draft.js';

export type SetDraft = (change: Partial<Draft>) => void;

/** The draft survives a reload; it goes with the tab. */
export function useDraft(): { draft: Draft; set: SetDraft; discard: () => void } {
  const [draft, setDraft] = useState(readDraft);
  useEffect(() => keepDraft(draft), [draft]);
  const set = useCallback((change: Partial<Draft>) => setDraft((before) => withId(before, change)), []);
  const discard = useCallback(() => setDraft(FRESH), []);
  return { draft, set, discard };
}

/** The id follows the title until somebody writes one. */
function withId(before: Draft, change: Partial<Draft>): Draft {
  const { title } = change;
  if (title === undefined || before.id !== idOf(before.title)) return { ...before, ...change };
  return { ...before, ...change, id: idOf(title) };
}
