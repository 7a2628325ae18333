import { readFileSync } from 'node:fs';

import { processState } from './process-identity.js';

const SHELL = /^(ba|da|a|k|mk|z)?sh$/;

/**
 * Calls back once when the npm that started this process is gone.
 *
 * `npm run x` is a chain: npm, usually a shell, this process. A `kill -9` of npm (a closed CI job, an impatient person) reaches
 * nothing below it, and what it started would run on for ever. So we look whether our parent is still the one we began
 * with and, where that is a shell, whether its parent is. Only under npm (`npm_lifecycle_event` is set):
 * elsewhere losing the parent is how one goes to the background (`nohup`, `setsid`, a service manager).
 *
 * @returns ends the watch
 */
export function watchLauncher(onGone: () => void, { pollMs = 500 }: { readonly pollMs?: number } = {}): () => void {
  if (process.env['npm_lifecycle_event'] === undefined) return () => undefined;
  const launchers = launcherChain().join();
  const timer = setInterval(() => {
    if (launcherChain().join() === launchers) return;
    clearInterval(timer);
    onGone();
  }, pollMs);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Our parent's pid and, if that is npm's shell, its parent's. Further up is the terminal, which is allowed to close.
 * Orphans are adopted by another process, so a dead launcher shows as a changed pid.
 */
function launcherChain(): number[] {
  const parent = process.ppid;
  const grandparent = isShell(parent) ? processState(parent)?.parent : undefined;
  return grandparent === undefined ? [parent] : [parent, grandparent];
}

function isShell(pid: number): boolean {
  try {
    return SHELL.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
  } catch {
    return false; // gone, or no /proc: the parent alone must do
  }
}
