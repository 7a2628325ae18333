import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';

import type { CredentialSuite } from '#credential';
import { DEVICE_HEADERS, issuanceMessage, tokenRequestBytes } from '#protocol';

import { ask, type Question } from './ask.js';
import { blindingKeyAt } from './blinding-key.js';
import { ClientError } from './errors.js';
import type { IssuanceContext } from './issuance-context.js';
import type { PlannedBatch } from './prefetch-plan.js';
import type { PendingBatch, StoredToken } from './wallet-state.js';

const element = z
  .string()
  .max(512)
  .regex(/^([0-9a-f]{2})+$/);
const TokensReply = z.object({ evaluated: z.array(element), proofs: z.array(element) });

/** Makes one token a slot and blinds it, for a key that the issuer has no say in. */
export async function blindBatch(context: IssuanceContext, { epoch, slots }: PlannedBatch): Promise<PendingBatch> {
  const { platform, pinned } = context;
  const blinded: PendingBatch['slots'] = [];
  for (const slot of slots) {
    await platform.clock.sleep(0);
    const key = await blindingKeyAt(context, { epoch, slot });
    const { state } = pinned.suite.blind([platform.random(32)], key, platform.random);
    blinded.push({ slot, state: mutable(state) });
  }
  return { epoch, slots: blinded };
}

/**
 * Sends a blinded batch, any number of times the same, and takes the blinds off what comes back.
 *
 * @throws ClientError `malicious_issuer` where a proof does not hold; then there are no tokens at all
 */
export async function redeemBatch(context: IssuanceContext, batch: PendingBatch): Promise<StoredToken[]> {
  const { platform, pinned, issuer } = context;
  const url = `${issuer}/v1/use-cases/${pinned.manifest.useCase}/tokens`;
  const asker = { ...platform, http: platform.http.issuer };
  const fetchedAt = platform.clock.now();
  const reply = await ask(asker, () => signedRequest(context, url, batch), TokensReply);
  if (reply.evaluated.length !== batch.slots.length || reply.proofs.length !== batch.slots.length) {
    throw new ClientError('malformed_reply', `asked for ${batch.slots.length} tokens, got ${reply.evaluated.length}`);
  }
  const tokens: StoredToken[] = [];
  for (const [i, pending] of batch.slots.entries()) {
    await platform.clock.sleep(0);
    const prf = unblind(pinned.suite, pending, { evaluated: reply.evaluated[i]!, proof: reply.proofs[i]! });
    const token = pending.state.inputs[0]!;
    tokens.push({ epoch: batch.epoch, slot: pending.slot, token, prf, fetchedAt, uses: [] });
  }
  return tokens;
}

function unblind(
  suite: CredentialSuite,
  { slot, state }: PendingBatch['slots'][number],
  { evaluated, proof }: { readonly evaluated: string; readonly proof: string },
): Uint8Array {
  try {
    return suite.finalize(state, [hexToBytes(evaluated)], hexToBytes(proof))[0]!;
  } catch (cause) {
    throw new ClientError('malicious_issuer', `slot ${slot}: not evaluated under the manifest's key`, { cause });
  }
}

function signedRequest({ platform, pinned, device }: IssuanceContext, url: string, batch: PendingBatch): Question {
  const { audience, useCase } = pinned.manifest;
  const slots = batch.slots.map(({ slot }) => slot);
  const blinded = batch.slots.map(({ state }) => state.blinded[0]!);
  const requestDigest = platform.hashes.sha256(tokenRequestBytes({ epoch: batch.epoch, slots, blinded }));
  const [timestamp, nonce] = [platform.clock.now(), platform.random(16)];
  const message = issuanceMessage({ audience, deviceId: device.id, useCase, timestamp, nonce, requestDigest });
  return {
    url,
    method: 'POST',
    headers: {
      [DEVICE_HEADERS.device]: device.id,
      [DEVICE_HEADERS.timestamp]: String(timestamp),
      [DEVICE_HEADERS.nonce]: bytesToHex(nonce),
      [DEVICE_HEADERS.signature]: bytesToHex(ed25519.sign(message, device.secretKey)),
    },
    json: { epoch: batch.epoch, slots, blinded: blinded.map((bytes) => bytesToHex(bytes)) },
  };
}

const mutable = (state: ReturnType<CredentialSuite['blind']>['state']): PendingBatch['slots'][number]['state'] => ({
  ...state,
  inputs: [...state.inputs],
  blinds: [...state.blinds],
  blinded: [...state.blinded],
});
