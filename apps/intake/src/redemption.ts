import { Overloaded, type KeyedItem } from '#engine';
import { ProtocolError } from '#protocol';

/** What a worker thread is asked: the secret behind a token. */
export interface RedemptionItem extends KeyedItem {
  readonly token: Uint8Array;
}

/**
 * 64 bytes; what finalizing gave the device, if the token is genuine.
 *
 * @throws ProtocolError `overloaded`
 */
export type Redeem = (item: RedemptionItem) => Promise<Uint8Array>;

/** What the sender is told when too many tokens wait; any other error as it is. */
export function redemptionRefusal(error: unknown): unknown {
  if (!(error instanceof Overloaded)) return error;
  return new ProtocolError('overloaded', 'More tokens come in than can be redeemed soon.', error.retryAfterMs);
}
