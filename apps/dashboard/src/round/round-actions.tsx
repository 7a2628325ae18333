import { useNavigate } from 'react-router';

import type { RoundView } from '#protocol';

import { Confirm } from '../controls/confirm.js';
import { act } from '../coordinator.js';
import { count, plural } from '../figures.js';
import { useSession } from '../session/use-session.js';

interface Props {
  readonly round: RoundView;
  readonly refetch: () => void;
}

/** What somebody with `rounds:write` can do about a round; for the others nothing. */
export function RoundActions({ round, refetch }: Props) {
  const { scopes } = useSession();
  const navigate = useNavigate();
  if (!scopes.includes('rounds:write')) return null;
  const { id, sequence, state, accepted, reason } = round;
  if (state === 'abandoned') {
    if (reason === 'plan_done') return null;
    const retry = async () => navigate(`/rounds/${(await act<RoundView>('POST', `/v1/rounds/${id}/retry`)).id}`);
    return (
      <Confirm
        label="Retry"
        title={`Start another round in the place of round ${count(sequence)}?`}
        verb="Start it"
        act={retry}
      >
        <p>
          It has the same minimum, target and deadline. Devices need other tokens for it: those of this round stay
          spent.
        </p>
      </Confirm>
    );
  }
  if (state === 'published') return null;
  const abort = async () => {
    await act('POST', `/v1/rounds/${id}/abort`);
    refetch();
  };
  return (
    <Confirm label="Abort" title={`Abandon round ${count(sequence)}?`} verb="Abandon it" danger="loud" act={abort}>
      <p>
        {accepted > 0
          ? `Its ${plural(accepted, 'update')} will count for nothing, and their tokens stay spent.`
          : 'It has no update yet.'}{' '}
        The next round opens after it. This cannot be taken back; the log will say it.
      </p>
    </Confirm>
  );
}
