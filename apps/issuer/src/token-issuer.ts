import { createHash } from 'node:crypto';

import {
  batchKeyMessage,
  encodeInfo,
  isInLane,
  issuanceMessage,
  laneMessage,
  laneOf,
  ProtocolError,
  separationOf,
  tokenRequestBytes,
  type IssuerCode,
  type Manifest,
  type TokenRequest,
  type TokensReply,
} from '#protocol';
import { crashPoint } from '#crash-point';
import type { Charge, Devices, IssuedToken, Issuances } from '#storage/identity';

import { evaluationRefusal, type Evaluate } from './evaluation.js';
import type { IssuanceRate } from './issuance-rate.js';
import type { IssuingKey, KeyRing } from './key-ring.js';
import type { KeyUsage } from './key-usage.js';
import type { RequestRate } from './request-rate.js';
import { isSignedBy } from './signatures.js';

/** A request for tokens with what shows whose it is. */
export interface SignedRequest {
  readonly deviceId: string;
  readonly useCase: string;
  /** unix ms by the device's clock */
  readonly timestamp: number;
  readonly nonce: Uint8Array;
  readonly signature: Uint8Array;
  readonly request: TokenRequest;
}

export interface TokenIssuerPorts {
  readonly devices: Devices;
  readonly issuances: Issuances;
  readonly keys: KeyRing;
  readonly usage: KeyUsage;
  readonly evaluate: Evaluate;
  readonly rate: RequestRate;
  readonly issuanceRate: IssuanceRate;
  /** told how many tokens were charged, for counts that people see */
  readonly onIssued?: (useCase: string, tokens: number) => void;
}

/** How far a device's clock may be off the database's. A replayed request gets the same bytes again, so this only bounds how long. */
const MAX_SKEW_MS = 300_000;

const SENTENCES: Record<Exclude<Charge, 'issued'>, readonly [IssuerCode, string]> = {
  epoch_not_open: ['epoch_not_open', 'Tokens are issued for the current and the next epoch only.'],
  slot_sealed: [
    'epoch_not_open',
    'A round has taken one of these slots, or the epoch has no such slot: ask for later ones.',
  ],
  slot_taken: ['slot_taken', 'This device already has a token for one of these slots, for another blinded element.'],
  quota_exhausted: ['quota_exhausted', 'This device has all the tokens it gets in this epoch.'],
  revoked_device: ['revoked_device', 'This device may not get tokens any more.'],
};

/** Evaluates blinded elements for enrolled devices: one token a device and slot, a retry for free. */
export class TokenIssuer {
  constructor(
    private readonly ports: TokenIssuerPorts,
    private readonly audience: string,
  ) {}

  async issue(signed: SignedRequest): Promise<TokensReply> {
    const { issuances, keys } = this.ports;
    const requestBytes = tokenRequestBytes(signed.request);
    await this.#authenticate(signed, requestBytes);
    // Only now: whoever cannot sign for a device cannot use up its requests.
    this.ports.rate.count(signed.deviceId);

    const batchKey = sha256(batchKeyMessage(signed.deviceId, signed.useCase, requestBytes));
    const before = await issuances.find(batchKey);
    if (before.length > 0) return reply(before);

    const { deviceId, useCase, request } = signed;
    const { epoch } = request;
    await this.#checkEpoch(useCase, epoch);
    const { manifest, key } = await keys.of(useCase, epoch);
    checkLane(manifest, signed);
    await this.ports.issuanceRate.take(useCase, request.slots.length);
    const tokens = await this.#evaluate({ manifest, key }, request);
    const { quota } = manifest;
    const charge = await issuances.charge({
      deviceId,
      useCase,
      epoch,
      keyEpoch: key.firstEpoch,
      batchKey,
      tokens,
      quota,
    });
    if (charge === 'issued') {
      crashPoint('issuer-charged');
      this.ports.onIssued?.(useCase, tokens.length);
      return reply(tokens);
    }

    // The same batch may have come twice at once: then the other run's bytes are the answer.
    const meanwhile = await issuances.find(batchKey);
    if (meanwhile.length > 0) return reply(meanwhile);
    throw new ProtocolError(...SENTENCES[charge]);
  }

  async #authenticate(
    { deviceId, useCase, timestamp, nonce, signature }: SignedRequest,
    request: Uint8Array,
  ): Promise<void> {
    const device = await this.ports.devices.find(deviceId);
    if (device === undefined || device.useCase !== useCase) {
      throw new ProtocolError('unknown_device', 'No device of this use case has this id. Enrol again.');
    }
    const requestDigest = sha256(request);
    const message = issuanceMessage({ audience: this.audience, deviceId, useCase, timestamp, nonce, requestDigest });
    if (!isSignedBy(device.publicKey, message, signature)) {
      throw new ProtocolError('bad_signature', "The request is not signed by the device's key.");
    }
    if (device.revoked) throw new ProtocolError(...SENTENCES.revoked_device);
    if (Math.abs(device.now - timestamp) > MAX_SKEW_MS) {
      throw new ProtocolError(
        'stale_request',
        "The request's timestamp is more than five minutes off. Set the device's clock.",
      );
    }
  }

  /** Before the costly part; the charge decides again, in its transaction. */
  async #checkEpoch(useCase: string, epoch: number): Promise<void> {
    const window = await this.ports.issuances.window(useCase);
    if (window === undefined || (epoch !== window.epoch && epoch !== window.epoch + 1)) {
      throw new ProtocolError(...SENTENCES.epoch_not_open);
    }
    const { firstLive } = window;
    if (epoch < firstLive) {
      const sentence = `The epochs before ${firstLive} were retired: its tokens are issued from epoch ${firstLive - 1} on.`;
      throw new ProtocolError('epoch_not_open', sentence);
    }
  }

  /** `info` is computed from the manifest: what the device says of it is only compared. */
  async #evaluate({ manifest, key }: IssuingKey, { epoch, slots, blinded }: TokenRequest): Promise<IssuedToken[]> {
    const { useCase, suite } = manifest;
    const { primaryKey } = key;
    this.ports.usage.add(key.id, slots.length);
    const evaluating = slots.map(async (slot, i) => {
      const info = encodeInfo({ useCase, suite, epoch, slot });
      return { slot, ...(await this.ports.evaluate({ suite, primaryKey, info, blinded: blinded[i]! })) };
    });
    return Promise.all(evaluating).catch((error: unknown) => {
      throw evaluationRefusal(error);
    });
  }
}

/** What keeps the rounds of a device apart, in a use case that asks for it: nobody learns who else is in its lane. */
function checkLane(manifest: Manifest, { useCase, deviceId, request }: SignedRequest): void {
  const lane = laneOf(sha256(laneMessage(useCase, deviceId)), separationOf(manifest));
  if (request.slots.every((slot) => isInLane(lane, slot))) return;
  throw new ProtocolError(
    'wrong_slot',
    `This device gets tokens for one slot in ${lane.separation} only: ${lane.first}, ${lane.first + lane.separation} and so on.`,
  );
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

function reply(tokens: readonly IssuedToken[]): TokensReply {
  return {
    evaluated: tokens.map(({ evaluated }) => Buffer.from(evaluated).toString('hex')),
    proofs: tokens.map(({ proof }) => Buffer.from(proof).toString('hex')),
  };
}
