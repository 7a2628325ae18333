import type { ProcessState } from '#protocol';

export const STATE_WORDS: Record<ProcessState, string> = {
  ready: 'ready',
  waiting: 'waits',
  away: 'does not answer',
};
