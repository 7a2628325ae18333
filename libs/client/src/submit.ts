import type { RandomBytes } from '#credential';
import type { IntakeCode } from '#protocol';

import { Backoff, DEFAULT_RETRIES, uniform, type RetryPolicy } from './backoff.js';
import { ClientError } from './errors.js';
import { ConnectionLost, openSubmission, uploadPayload, type IntakeTransport, type UploadAnswer } from './exchange.js';
import type { Clock } from './platform.js';
import type { PreparedSubmission } from './prepare-submission.js';

/** All that submitting may use: no issuer, no coordinator, so that no answer of intake can make a device call them. */
export interface SubmitTransport extends IntakeTransport {
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** Something a person should look into: the app shows it, Starling only says so. */
export type Alarm =
  /** `token_spent`: this very update would have got its receipt again, so a copy of the token store has spent the token */
  'copied_store';

export type SubmissionResult =
  | { readonly outcome: 'accepted'; readonly receipt: Uint8Array }
  | { readonly outcome: 'refused'; readonly code: IntakeCode; readonly message: string; readonly alarm?: Alarm };

/** Refusals after which the same bytes may be accepted. */
export const PASSING_REFUSALS: ReadonlySet<IntakeCode> = new Set(['overloaded', 'upload_unknown', 'internal']);

/**
 * Submits until there is an answer. Every try sends the same header and MAC, so whatever a lost answer
 * said, the update counts at most once and the receipt is the same.
 *
 * @throws ClientError `unreachable` after the last try: whether it was accepted is not known, submit it again later;
 *   `forged_receipt`, `malformed_reply`
 */
export async function submit(
  transport: SubmitTransport,
  prepared: PreparedSubmission,
  policy: RetryPolicy = DEFAULT_RETRIES,
): Promise<SubmissionResult> {
  const backoff = new Backoff(policy, transport.random);
  for (;;) {
    const answer = await attempt(transport, prepared);
    if (!(answer instanceof ConnectionLost)) {
      if ('receipt' in answer) return accepted(prepared, answer.receipt);
      if (!PASSING_REFUSALS.has(answer.refusal.code)) return refused(answer.refusal);
    }
    const wait = backoff.next(answer instanceof ConnectionLost ? 0 : answer.refusal.retryAfterMs);
    if (wait === undefined) {
      if (!(answer instanceof ConnectionLost)) return refused(answer.refusal);
      throw new ClientError('unreachable', 'intake did not answer', { cause: answer });
    }
    await transport.clock.sleep(wait);
  }
}

/**
 * ms until an update that is ready may leave: U(0, W), drawn anew for each submission. Counted from the end
 * of the training, not from the round's opening: else all whose draw has passed meanwhile would leave at
 * that very moment, and their download a moment before would show who they are.
 */
export function submissionDelay(jitterMs: number, random: RandomBytes): number {
  return uniform(random) * jitterMs;
}

async function attempt(
  transport: SubmitTransport,
  prepared: PreparedSubmission,
): Promise<UploadAnswer | ConnectionLost> {
  try {
    const opened = await openSubmission(transport, prepared);
    return 'permit' in opened ? await uploadPayload(transport, opened, prepared.payload) : opened;
  } catch (error) {
    if (error instanceof ConnectionLost) return error;
    throw error;
  }
}

function accepted(prepared: PreparedSubmission, receipt: Uint8Array): SubmissionResult {
  if (!sameSecret(receipt, prepared.receipt)) {
    throw new ClientError('forged_receipt', 'intake answered with a receipt that it cannot have made');
  }
  return { outcome: 'accepted', receipt: prepared.receipt };
}

const refused = ({ code, message }: { code: IntakeCode; message: string }): SubmissionResult => ({
  outcome: 'refused',
  code,
  message,
  ...(code === 'token_spent' ? { alarm: 'copied_store' as const } : {}),
});

/** Looks at every byte, so that time does not tell how many of a forged receipt were right. */
function sameSecret(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}
