import { useQuery } from '@tanstack/react-query';

import type { ModelView } from '#protocol';

import { ask } from '../coordinator.js';
import { usePage } from '../rounds/rounds-provider.js';
import { useSession } from '../session/use-session.js';

/** Versions of the use case shown, newest first; read again when a round publishes. */
export function useModels() {
  const maySee = useSession().scopes.includes('models:read');
  const selected = usePage((page) => page.selected);
  const published = usePage(({ latest }) => {
    const round = selected === null ? undefined : latest.get(selected);
    return `${round?.sequence} ${round?.state}`;
  });
  const query = useQuery({
    queryKey: ['models', selected, published],
    queryFn: ({ signal }) => ask<readonly ModelView[]>(`/v1/models?useCase=${encodeURIComponent(selected!)}`, signal),
    enabled: maySee && selected !== null,
    placeholderData: (before) => before,
    staleTime: 30_000,
  });
  return { maySee, ...query };
}
