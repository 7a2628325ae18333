/** An error as one line: its class, its code, and where it was thrown. Not its message. */
export function describeWithoutPayload(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const code = (error as NodeJS.ErrnoException).code;
  const frame = /^\s+at (.+)$/m.exec(error.stack ?? '')?.[1];
  return [error.name, code && `[${code}]`, frame && `at ${frame}`].filter(Boolean).join(' ');
}
