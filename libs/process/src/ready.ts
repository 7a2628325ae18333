/** What a started process tells its supervisor. */
export interface Ready {
  readonly type: 'ready';
  readonly name: string;
  readonly port: number;
}

/** Says that this process takes work: to the supervisor when there is one, else to whoever reads the terminal. */
export function announceReady({ name, port }: { readonly name: string; readonly port: number }): void {
  const ready: Ready = { type: 'ready', name, port };
  if (process.send && process.connected) process.send(ready);
  else process.stdout.write(`${name} is ready on port ${port}\n`);
}

export function isReady(message: unknown): message is Ready {
  return typeof message === 'object' && message !== null && (message as Partial<Ready>).type === 'ready';
}
