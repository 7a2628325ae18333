/**
 * Runs `work` now and then, one run at a time; a failed one is tried again at the next turn.
 *
 * @returns ends it, when the run under way is over
 */
export function repeat(
  everyMs: number,
  work: () => Promise<unknown>,
  onFailure: (error: unknown) => void,
): () => Promise<void> {
  let running: Promise<void> | undefined;
  const turn = (): void => {
    running ??= work()
      .then(() => undefined, onFailure)
      .finally(() => (running = undefined));
  };
  const timer = setInterval(turn, everyMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
