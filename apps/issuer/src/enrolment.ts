import { createHash } from 'node:crypto';

import type { MinuteLimit } from '#edge';
import { enrolmentMessage, ProtocolError, type EnrolReply, type EnrolRequest } from '#protocol';
import type { Devices } from '#storage/identity';

import { isSignedBy } from './signatures.js';

/** Lets a device in: a code that still counts, and a key it can sign with. Safe to repeat. */
export class Enrolment {
  constructor(
    private readonly devices: Devices,
    private readonly audience: string,
    private readonly attempts: MinuteLimit,
  ) {}

  async enrol({ useCase, code, publicKey, signature }: EnrolRequest): Promise<EnrolReply> {
    const codeHash = createHash('sha256').update(code).digest();
    const codeName = codeHash.toString('hex');
    this.attempts.check(codeName);
    this.attempts.count(codeName);
    const key = Buffer.from(publicKey, 'hex');
    const message = enrolmentMessage(this.audience, useCase, code, key);
    if (!isSignedBy(key, message, Buffer.from(signature, 'hex'))) {
      throw new ProtocolError('bad_signature', 'The enrolment is not signed by the key it brings.');
    }
    const deviceId = await this.devices.enrol({ useCase, codeHash, publicKey: key });
    if (deviceId === undefined) {
      throw new ProtocolError(
        'invalid_code',
        'The enrolment code is unknown, used up, expired or revoked. Ask for a new one.',
      );
    }
    return { deviceId };
  }
}
