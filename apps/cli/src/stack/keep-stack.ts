import { ProcessError } from '#process';

import { CliError, EXIT } from '../cli-error.js';
import type { Lifetime } from '../lifetime.js';
import { readRunning } from './running.js';
import { startStack, type Stack, type StackOptions } from './stack.js';

/** A stack that is stopped when the command ends, also when it ends while the stack is starting. */
export async function keepStack(
  lifetime: Lifetime,
  {
    onStarted,
    ...options
  }: Omit<StackOptions, 'onStarted'> & { readonly onStarted: (name: string, address: string) => void },
): Promise<Stack> {
  const started = startStack({
    ...options,
    signal: lifetime.signal,
    onStarted: (name, port) =>
      onStarted(name, name === 'postgresql' ? `127.0.0.1:${port}` : `http://127.0.0.1:${port}`),
  });
  lifetime.atEnd(async () => {
    const stack = await started.catch(() => undefined);
    await stack?.stop();
  });
  try {
    return await started;
  } catch (error) {
    if (error instanceof ProcessError && error.code === 'already_running')
      throw await alreadyRunning(options.directory, error);
    throw error;
  }
}

async function alreadyRunning(directory: string, { pid }: ProcessError): Promise<CliError> {
  const running = await readRunning(directory);
  const where = running === undefined ? '' : ` Its dashboard is ${running.coordinator}/ui/.`;
  return new CliError(
    EXIT.failed,
    `A Starling is already running in ${directory} (process ${pid}).${where} Stop it first, or use another --directory.`,
  );
}
