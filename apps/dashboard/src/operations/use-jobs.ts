import { useQuery } from '@tanstack/react-query';

import type { JobsView } from '#protocol';

import { ask, AnswerError } from '../coordinator.js';

const EVERY_MS = 2500;

/** Asked for while somebody looks; only for who may see operations. */
export function useJobs() {
  return useQuery({
    queryKey: ['jobs'],
    queryFn: ({ signal }) => ask<JobsView>('/v1/operations/jobs', signal),
    refetchInterval: EVERY_MS,
    retry: (failures, error) => !(error instanceof AnswerError) && failures < 1,
  });
}
