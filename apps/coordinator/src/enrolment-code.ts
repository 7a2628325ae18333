import { randomBytes } from 'node:crypto';

const CODE_BYTES = 15;

/** A new code, base64url. It begins with no dash: a command would take it for an option. */
export function newEnrolmentCode(random: (size: number) => Buffer = randomBytes): string {
  const code = random(CODE_BYTES).toString('base64url');
  return code.startsWith('-') ? newEnrolmentCode(random) : code;
}
