import type { OperationsView } from './use-operations.js';

export const STATE_WORDS: Record<OperationsView['processes'][number]['state'], string> = {
  ready: 'ready',
  waiting: 'waits',
  away: 'does not answer',
};
