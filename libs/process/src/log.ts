import { ConfigError } from './config.js';
import { describeWithoutPayload } from './describe-error.js';

export type LogLevel = 'info' | 'warn' | 'error' | 'fatal';

/** One thing that happened, for people and for what gathers logs. */
export interface LogLine {
  readonly level: LogLevel;
  /** what it is about: a word */
  readonly event: string;
  /** a sentence; never a payload, an address or an identifier of a device */
  readonly message: string;
}

let processName = 'starling';

/** `LOG_FORMAT=json`: each line that a process writes is one JSON object. */
export const logsJson = (env: Readonly<Record<string, string | undefined>> = process.env): boolean =>
  env['LOG_FORMAT'] === 'json';

/**
 * To be called first in a process. With `LOG_FORMAT=json` also what Node and libraries print, and what ends the process,
 * becomes a line of that form.
 */
export function startLog(name: string): void {
  processName = name;
  if (!logsJson()) return;
  const takeOver = (level: LogLevel) => (message: unknown) =>
    writeLog({ level, event: 'console', message: typeof message === 'string' ? message : 'a value that is no text' });
  Object.assign(console, { log: takeOver('info'), info: takeOver('info'), debug: takeOver('info') });
  Object.assign(console, { warn: takeOver('warn'), error: takeOver('error') });
  process.removeAllListeners('warning').on('warning', ({ name: kind }) => {
    writeLog({ level: 'warn', event: 'node', message: `Node warns of a ${kind}.` });
  });
  process.on('uncaughtException', (error) => {
    const message = error instanceof ConfigError ? error.message : `uncaught ${describeWithoutPayload(error)}`;
    writeLog({ level: 'fatal', event: 'end', message });
    process.exit(1);
  });
}

/** To stdout, or where something is wrong to stderr. As text it is the message alone. */
export function writeLog({ level, event, message }: LogLine): void {
  const stream = level === 'info' ? process.stdout : process.stderr;
  const time = new Date().toISOString();
  const line = logsJson()
    ? JSON.stringify({ time, level, process: processName, event, message })
    : `${level === 'info' ? '' : `${level}: `}${message}`;
  stream.write(`${line}\n`);
}
