import { ConsoleLogger, type LoggerService } from '@nestjs/common';

import { logsJson, writeLog, type LogLevel } from '#process';

/** What Nest and our classes log, as the process's other lines are. The last argument is what it is about. */
class LineLogger implements LoggerService {
  log(): void {
    // What Nest says of its start is for nobody.
  }

  warn(message: unknown, ...rest: unknown[]): void {
    write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    write('fatal', message, rest);
  }
}

function write(level: LogLevel, message: unknown, rest: readonly unknown[]): void {
  const event = rest.findLast((part) => typeof part === 'string') ?? 'nest';
  const text = typeof message === 'string' ? message : 'a value that is no text';
  writeLog({ level, event, message: text });
}

export const chooseLogger = (): LoggerService =>
  logsJson() ? new LineLogger() : new ConsoleLogger({ json: true, logLevels: ['warn', 'error', 'fatal'] });
