import { useState } from 'react';
import { Button } from 'react-aria-components';

import { act, useCasePath } from '../coordinator.js';
import type { UseCase } from '../rounds/rounds-state.js';
import { useSession } from '../session/use-session.js';

interface Props {
  readonly useCase: UseCase;
  readonly refetch: () => void;
}

/** Whether a task's rounds go on, and the way to change that. */
export function PauseSwitch({ useCase, refetch }: Props) {
  const { scopes } = useSession();
  const [problem, setProblem] = useState<string | null>(null);
  const mayWrite = scopes.includes('rounds:write');
  const { paused, state } = useCase;
  if (state === 'draft' || (!paused && !mayWrite)) return null;
  const toggle = () => {
    setProblem(null);
    act('POST', `${useCasePath(useCase.id)}/${paused ? 'resume' : 'pause'}`).then(refetch, (error: Error) =>
      setProblem(error.message),
    );
  };
  return (
    <div className={paused ? 'banner pause' : 'pause'}>
      <p className={paused ? undefined : 'muted'}>
        {paused
          ? 'Rounds of this use case are paused: none opens until they are resumed. An open one goes on to its end.'
          : 'Rounds open one after the other.'}
        {problem !== null && <span role="alert"> {problem}</span>}
      </p>
      {mayWrite && (
        <Button className="button" onPress={toggle}>
          {paused ? 'Resume rounds' : 'Pause rounds'}
        </Button>
      )}
    </div>
  );
}
