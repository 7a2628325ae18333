import { asciiBytes, ByteWriter, concatBytes } from './bytes.js';

/*
 * What a device signs, and what makes two issuance requests the same. Each begins with its own
 * prefix and, where it is signed, the audience, so that no signature can be used for anything else.
 */

/** "starling-enrol-v1" ‖ LP(audience) ‖ LP(useCase) ‖ LP(code) ‖ LP(publicKey), signed with that key. */
export function enrolmentMessage(audience: string, useCase: string, code: string, publicKey: Uint8Array): Uint8Array {
  return new ByteWriter()
    .raw(asciiBytes('starling-enrol-v1'))
    .text(audience)
    .text(useCase)
    .text(code)
    .lp(publicKey)
    .done();
}

/** A request for tokens: one blinded element a slot. */
export interface TokenRequest {
  readonly epoch: number;
  /** strictly increasing */
  readonly slots: readonly number[];
  readonly blinded: readonly Uint8Array[];
}

/** u32(epoch) ‖ u16(n) ‖ n × (u16(slot) ‖ LP(blinded)): the request without its JSON. */
export function tokenRequestBytes({ epoch, slots, blinded }: TokenRequest): Uint8Array {
  const writer = new ByteWriter().uint(epoch, 4).uint(slots.length, 2);
  slots.forEach((slot, i) => writer.uint(slot, 2).lp(blinded[i] ?? new Uint8Array()));
  return writer.done();
}

export interface IssuanceProof {
  readonly audience: string;
  readonly deviceId: string;
  readonly useCase: string;
  /** unix ms by the device's clock */
  readonly timestamp: number;
  /** random, 16 bytes */
  readonly nonce: Uint8Array;
  /** SHA-256 of `tokenRequestBytes`, 32 bytes */
  readonly requestDigest: Uint8Array;
}

/** "starling-issue-v1" ‖ LP(audience) ‖ LP(device) ‖ LP(useCase) ‖ u64(timestamp) ‖ nonce ‖ digest: signed by the device key. */
export function issuanceMessage(proof: IssuanceProof): Uint8Array {
  return new ByteWriter()
    .raw(asciiBytes('starling-issue-v1'))
    .text(proof.audience)
    .text(proof.deviceId)
    .text(proof.useCase)
    .uint(proof.timestamp, 8)
    .fixed(proof.nonce, 16)
    .fixed(proof.requestDigest, 32)
    .done();
}

/** To be hashed: the idempotency key of a batch. The same batch again is answered with the same bytes and not charged. */
export function batchKeyMessage(deviceId: string, useCase: string, request: Uint8Array): Uint8Array {
  const head = new ByteWriter().raw(asciiBytes('starling-batch-v1')).text(deviceId).text(useCase).done();
  return concatBytes(head, request);
}
