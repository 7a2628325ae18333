import { hexToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';

import type { BlindingKey } from '#credential';
import { derivedKeyList, equalBytes, keyAt } from '#protocol';

import { ask, type Asker } from './ask.js';
import { ClientError } from './errors.js';
import { infoAt, type IssuanceContext } from './issuance-context.js';

/** A `naor-reingold` proof has 24,576 bytes; a key, 32. */
const someHex = (max: number) =>
  z
    .string()
    .max(2 * max)
    .regex(/^([0-9a-f]{2})*$/);
const DerivedKeyReply = z.object({ publicKey: someHex(256), proof: someHex(32_768) });
const DerivedKeysReply = z.object({ publicKeys: z.array(someHex(256)).max(65_535) });

export interface SlotPlace {
  readonly epoch: number;
  readonly slot: number;
}

/**
 * The public key to blind for at a slot. However a suite comes to it, no issuer can choose one for a
 * single device: the device computes it from the pinned key, checks its proof against the pinned key, or
 * finds it among those that the log shows to everybody.
 *
 * @throws ClientError `malicious_issuer` where the proof does not hold, `unlogged` where the log has other keys or
 *   none, and those of `ask`
 */
export async function blindingKeyAt(context: IssuanceContext, place: SlotPlace): Promise<BlindingKey> {
  const { manifest, suite } = context.pinned;
  const attributes = infoAt(manifest, place.epoch, place.slot);
  const primary = keyAt(manifest, place.epoch)?.publicKey;
  if (primary === undefined)
    throw new ClientError('malicious_issuer', `the manifest has no key for epoch ${place.epoch}`);
  switch (suite.derivedKey) {
    case 'computed':
      return { public: suite.derivePublicKey(primary, attributes), attributes };
    case 'proven':
      return { public: await provenKey(context, place, { primary, attributes }), attributes };
    case 'logged':
      return { public: await loggedKey(context, place), attributes };
  }
}

async function provenKey(
  context: IssuanceContext,
  { epoch, slot }: SlotPlace,
  { primary, attributes }: { readonly primary: Uint8Array; readonly attributes: Uint8Array },
): Promise<Uint8Array> {
  const question = () => ({ url: `${listUrl(context, epoch)}/${slot}` });
  const reply = await ask(askerOf(context), question, DerivedKeyReply);
  const [publicKey, proof] = [hexToBytes(reply.publicKey), hexToBytes(reply.proof)];
  if (context.pinned.suite.verifyDerivedKey(primary, attributes, publicKey, proof)) return publicKey;
  throw new ClientError('malicious_issuer', `slot ${slot}: its key does not come from the manifest's key`);
}

async function loggedKey(context: IssuanceContext, { epoch, slot }: SlotPlace): Promise<Uint8Array> {
  const { publicKeys } = await ask(askerOf(context), () => ({ url: listUrl(context, epoch) }), DerivedKeysReply);
  const list = publicKeys.map((key) => hexToBytes(key));
  const logged = await context.loggedKeys(epoch);
  const key = list[slot];
  const digest = context.platform.hashes.sha256(derivedKeyList(list));
  if (key !== undefined && equalBytes(digest, logged)) return key;
  throw new ClientError('unlogged', `epoch ${epoch}: the log has other derived keys than the issuer`);
}

const askerOf = ({ platform }: IssuanceContext): Asker => ({ ...platform, http: platform.http.issuer });

const listUrl = ({ pinned, issuer }: IssuanceContext, epoch: number): string =>
  `${issuer}/v1/use-cases/${pinned.manifest.useCase}/derived-keys/${epoch}`;
