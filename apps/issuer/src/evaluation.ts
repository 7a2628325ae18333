import { CredentialError } from '#credential';
import { Overloaded, type KeyedItem } from '#engine';
import { ProtocolError } from '#protocol';

/** What a worker thread is asked to do: evaluate one blinded element under its own `info`, with a proof of its own. */
export interface EvaluationItem extends KeyedItem {
  readonly blinded: Uint8Array;
}

export interface EvaluatedToken {
  readonly evaluated: Uint8Array;
  readonly proof: Uint8Array;
}

/** Or: tell the public side of the key that is derived for an `info`. */
export type DerivationItem = KeyedItem;

export interface PublicDerivedKey {
  readonly publicKey: Uint8Array;
  /** shows that the key comes from the primary key; empty where nothing can */
  readonly proof: Uint8Array;
}

export type IssuerItem = EvaluationItem | DerivationItem;
export type IssuerAnswer = EvaluatedToken | PublicDerivedKey;

/** @throws CredentialError, Overloaded */
export type Derive = (item: DerivationItem) => Promise<PublicDerivedKey>;

/** @throws CredentialError what the blinded element was refused for, Overloaded */
export type Evaluate = (item: EvaluationItem) => Promise<EvaluatedToken>;

/** What is asked for while too much waits is refused, and may be asked for again; any other error as it is. */
export function overloadedRefusal(error: unknown): unknown {
  if (!(error instanceof Overloaded)) return error;
  return new ProtocolError('overloaded', 'More is asked for than can be evaluated soon.', error.retryAfterMs);
}

/** What the device is told when its elements could not be evaluated; any other error as it is. */
export function evaluationRefusal(error: unknown): unknown {
  if (error instanceof CredentialError) {
    const sentence = 'A blinded element is not an element of the group, or not one that is allowed.';
    return new ProtocolError('malformed_element', sentence);
  }
  return overloadedRefusal(error);
}
