import type { ProtocolCode } from '#protocol';

/** What each refusal means, for someone who watches rounds and processes. A code without a sentence does not compile. */
const MEANINGS: Record<ProtocolCode, string> = {
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
  unknown_device: 'Nobody of this name has enrolled.',
  revoked_device: 'The device gets no more tokens: somebody revoked it.',
  bad_signature: 'The device’s key did not sign the request.',
  stale_request: 'The request was too old, or came from a clock that is off.',
  epoch_not_open: 'It asked for tokens of an epoch that issues none now.',
  slot_taken: 'A round had taken the slot: no token is issued for it any more.',
  wrong_slot: 'The slot is for other devices, so that rounds of one lie apart.',
  quota_exhausted: 'The device had all the tokens that it gets in an epoch.',
  rate_limited: 'Too many requests in a short time; it was told when to come back.',
  malformed_element: 'A blinded element was no element of the group.',
  invalid_code: 'The enrolment code is unknown, used up or over.',
  unauthorized: 'It came without a key or a session that holds.',
  forbidden: 'Its key or role does not cover that.',
  not_found: 'It asked for something that is not there.',
  use_case_exists: 'A use case of that name exists already.',
  bad_strategy: 'The strategy or its options cannot work for this task.',
  budget_spent: 'It could have cost more ε than the use case may spend.',
  no_open_round: 'A device looked for a round when none was open: it looks again later.',
  wrong_state: 'What it asked for does not go in this state.',
  too_large: 'A file was larger than may be.',
  internal: 'Something broke on our side; the log of the process says what.',
};

export function refusalMeaning(code: string): string {
  return Object.hasOwn(MEANINGS, code) ? MEANINGS[code as ProtocolCode] : 'A reason this page does not know yet.';
}
