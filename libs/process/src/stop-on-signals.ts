import { describeWithoutPayload } from './describe-error.js';
import { writeLog } from './log.js';

/** Longest wait for a clean close once the parent is dead: nobody is left to wait for us. */
const ORPHAN_GRACE_MS = 2_000;
/** One Ctrl-C under npm arrives twice: from the terminal, and passed on by npm. Only a later signal is a second one. */
const SAME_SIGNAL_MS = 500;

/**
 * Ends this process properly, whatever ends it:
 *
 * - SIGTERM, SIGINT: `close` once, then exit 0. A second signal, a failed `close` or the grace being over: exit 1.
 * - The parent's IPC channel closes, which is how a child learns of its parent's `kill -9`: the same, within 2 s.
 * - An exception nobody caught: one line without the error's message, which may quote a payload; exit 1.
 *
 * @param graceMs  how long `close` may take
 * @returns stops this process as SIGTERM would
 */
export function stopOnSignals(close: () => Promise<void>, { graceMs }: { readonly graceMs: number }): () => void {
  let stoppingSince: number | undefined;
  const stop = (withinMs: number): void => {
    if (stoppingSince !== undefined) return;
    stoppingSince = performance.now();
    setTimeout(() => leave('did not close in time'), withinMs).unref();
    // An async wrapper, so that a `close` which throws at once counts as failed too.
    void (async () => close())().then(
      () => process.exit(0),
      (error: unknown) => leave(`failed to close: ${describeWithoutPayload(error)}`),
    );
  };
  const onSignal = (): void => {
    if (stoppingSince !== undefined && performance.now() - stoppingSince > SAME_SIGNAL_MS) leave('a second signal');
    stop(graceMs);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);

  exitOnUncaught();
  survivePipesWithoutReader();
  const orphaned = (): void => stop(Math.min(graceMs, ORPHAN_GRACE_MS));
  if (process.connected === false)
    orphaned(); // the parent died before we could listen
  else if (process.connected) process.on('disconnect', orphaned);
  return () => stop(graceMs);
}

function exitOnUncaught(): void {
  process.on('uncaughtException', (error) => leave(`uncaught ${describeWithoutPayload(error)}`));
  process.on('unhandledRejection', (reason) => leave(`unhandled rejection of ${describeWithoutPayload(reason)}`));
}

/** With the parent dead, its ends of our pipes are closed: a log line must not kill us before `close` is done. */
function survivePipesWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

function leave(reason: string): never {
  writeLog({ level: 'fatal', event: 'end', message: reason });
  process.exit(1);
}
