import type { RememberedLog } from './log-messages.js';

const KEY = 'starling-log';

/** What this browser saw of the log when it last verified it; null where it never did, or may not store. */
export function rememberedLog(): RememberedLog | null {
  try {
    const { size, root, logKey } = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<RememberedLog>;
    return Number.isSafeInteger(size) && typeof root === 'string' && typeof logKey === 'string'
      ? { size: size!, root, logKey }
      : null;
  } catch {
    return null;
  }
}

export function rememberLog(log: RememberedLog): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(log));
  } catch {
    // Then each visit checks the log as if it were the first.
  }
}
