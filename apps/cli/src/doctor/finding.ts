export type Verdict = 'ok' | 'warn' | 'bad';

/** What one look came to. `next` says what to do about it. */
export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly message: string;
  readonly next?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, verdict: 'ok', message });
export const warn = (check: string, message: string, next: string): Finding => ({
  ...{ check, verdict: 'warn', message, next },
});
export const bad = (check: string, message: string, next: string): Finding => ({
  ...{ check, verdict: 'bad', message, next },
});

/** A look that breaks is a finding too: a doctor who faints helps nobody. */
export async function looking(check: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return [bad(check, `It could not be looked at${code === undefined ? '' : ` (${code})`}.`, 'Look at it by hand.')];
  }
}
