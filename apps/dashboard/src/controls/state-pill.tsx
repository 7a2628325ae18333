import type { RoundState } from '#protocol';

export const STATES: Record<RoundState, string> = {
  scheduled: 'Scheduled',
  open: 'Open',
  frozen: 'Adding up',
  published: 'Published',
  abandoned: 'Abandoned',
};

interface Props {
  readonly state: RoundState;
  readonly isNeeded?: boolean;
}

export function StatePill({ state, isNeeded = true }: Props) {
  return (
    <span className="pill" data-state={state}>
      {isNeeded ? STATES[state] : 'Not needed'}
    </span>
  );
}
