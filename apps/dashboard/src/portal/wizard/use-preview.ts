import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import type { UseCasePreview } from '#protocol';

import { act } from '../../coordinator.js';
import type { Draft } from './draft.js';
import { layoutOfDraft, previewOf } from './request.js';

const PAUSE_MS = 350;

export interface Preview {
  readonly preview: UseCasePreview | undefined;
  /** a sentence: why there is no preview yet */
  readonly problem: string | null;
  /** it is of what is typed, and not of what was typed before */
  readonly isCurrent: boolean;
  problemOf(field: string): string | undefined;
}

/** What the coordinator says of the draft, a moment after the last key. */
export function usePreview(draft: Draft): Preview {
  const { body, problem } = bodyOf(draft);
  const typed = JSON.stringify(body);
  const settled = useSettled(typed);
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ['preview', settled],
    enabled: body !== null && settled !== 'null',
    queryFn: () => act<UseCasePreview>('POST', '/v1/use-cases/preview', JSON.parse(settled) as object),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  return {
    preview: body === null ? undefined : data,
    problem: problem ?? error?.message ?? null,
    isCurrent: data !== undefined && settled === typed && !isPlaceholderData,
    problemOf: (field) => data?.problems.find((each) => each.field === field)?.message,
  };
}

function bodyOf(draft: Draft): { body: object | null; problem: string | null } {
  try {
    return { body: previewOf(draft, layoutOfDraft(draft)), problem: null };
  } catch (error) {
    return { body: null, problem: (error as Error).message };
  }
}

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
