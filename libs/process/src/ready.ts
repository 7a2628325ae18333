import { logsJson, writeLog } from './log.js';

/** What a started process tells its supervisor. */
export interface Ready {
  readonly type: 'ready';
  readonly name: string;
  readonly port: number;
}

/** Says that this process takes work: to the supervisor when there is one, else to whoever reads the terminal. */
export function announceReady({ name, port }: { readonly name: string; readonly port: number }): void {
  const ready: Ready = { type: 'ready', name, port };
  const isTold = process.send !== undefined && process.connected;
  if (isTold) process.send!(ready);
  if (!isTold || logsJson()) writeLog({ level: 'info', event: 'ready', message: `${name} is ready on port ${port}` });
}

export function isReady(message: unknown): message is Ready {
  return typeof message === 'object' && message !== null && (message as Partial<Ready>).type === 'ready';
}
