import { ed25519 } from '@noble/curves/ed25519.js';

import { cosignatureMessage, equalBytes, type SignedTreeHead } from '#protocol';

import type { ClientError } from '../errors.js';
import type { LogView } from './log-view.js';

/**
 * Follows a log and cosigns its heads: "I have read it from its first leaf to here, and it only ever grew".
 * Devices that take their heads from one witness see one log. A log that contradicts itself is never
 * cosigned again.
 */
export class LogWitness {
  #cosigned: SignedTreeHead | undefined;
  #alarm: ClientError | undefined;

  /** @param secretKey  Ed25519, 32 bytes */
  constructor(
    private readonly log: LogView,
    private readonly secretKey: Uint8Array,
  ) {}

  /** 32 bytes */
  get publicKey(): Uint8Array {
    return ed25519.getPublicKey(this.secretKey);
  }

  /** The last head that was cosigned; it stays after an alarm. */
  get head(): SignedTreeHead | undefined {
    return this.#cosigned;
  }

  /** What was wrong with the log, once something was. */
  get alarm(): ClientError | undefined {
    return this.#alarm;
  }

  /**
   * Reads on, and cosigns the head it arrives at.
   *
   * @throws ClientError `split_view`, from then on for ever; `untrusted_log`, and those of `ask`
   */
  async follow(): Promise<SignedTreeHead> {
    if (this.#alarm !== undefined) throw this.#alarm;
    try {
      await this.log.sync();
    } catch (error) {
      if (isAlarm(error)) this.#alarm = error;
      throw error;
    }
    const head = this.log.head!;
    if (
      this.#cosigned === undefined ||
      this.#cosigned.timestamp !== head.timestamp ||
      !equalBytes(this.#cosigned.root, head.root)
    ) {
      const message = cosignatureMessage(this.log.identity.audience, head);
      this.#cosigned = { ...head, cosignature: ed25519.sign(message, this.secretKey) };
    }
    return this.#cosigned;
  }
}

const isAlarm = (error: unknown): error is ClientError =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'split_view';
