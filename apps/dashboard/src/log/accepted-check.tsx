import { useQuery } from '@tanstack/react-query';

import { count } from '../figures.js';
import { useLogWorker } from './use-log-worker.js';

/** Whether the list of updates that count is the one that the log names. */
export function AcceptedCheck({ roundId }: { roundId: string }) {
  const ask = useLogWorker();
  const { data, error } = useQuery({
    queryKey: ['accepted', roundId],
    queryFn: () => ask({ kind: 'accepted', roundId }),
    retry: false,
    gcTime: 0,
  });
  if (error !== null)
    return (
      <p className="problem" role="alert">
        {error.message}
      </p>
    );
  if (data === undefined) return <p role="status">Reading the list and the log…</p>;
  if (data.problems.length > 0)
    return (
      <p className="problem" role="alert">
        {data.problems.join(' ')}
      </p>
    );
  return (
    <p className="fine" role="status">
      The list has {count(data.listed)} updates, and leaf {count(data.position!)} of the log names exactly these.
    </p>
  );
}
