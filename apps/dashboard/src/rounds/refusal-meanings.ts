import type { IntakeCode } from '#protocol';

/** What each refusal means, for someone who watches a round. A code without a sentence does not compile. */
const MEANINGS: Record<IntakeCode, string> = {
  malformed_message: 'The message was not what the protocol says; nothing in it was read.',
  unsupported_encoding: 'The update came in a form this round does not take.',
  unknown_use_case: 'It named a use case this coordinator does not have.',
  epoch_retired: 'Its token was of an epoch that is over.',
  round_closed: 'It came after the round had closed.',
  stale_model: 'The device had trained on another model than this round’s.',
  wrong_length: 'It had more or fewer parameters than the model.',
  invalid_token: 'Its token was not genuine, or not for this round.',
  token_spent: 'Its token had paid for another update before.',
  upload_unknown: 'It went on with an upload nobody had begun, or one that had expired.',
  digest_mismatch: 'What arrived was not what its token had vouched for.',
  too_slow: 'The upload took longer than it may.',
  out_of_range: 'A number in it was outside the agreed range.',
  norm_exceeded: 'It would have moved the model further than one device may.',
  overloaded: 'There was too much to do at that moment; the device was asked to come back.',
  internal: 'Something broke on our side; the log of the intake says what.',
};

export function refusalMeaning(code: string): string {
  return Object.hasOwn(MEANINGS, code) ? MEANINGS[code as IntakeCode] : 'A reason this page does not know yet.';
}
