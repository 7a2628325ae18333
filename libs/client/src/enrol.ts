import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { z } from 'zod';

import { enrolmentMessage, equalBytes } from '#protocol';

import { ask } from './ask.js';
import { ClientError } from './errors.js';
import type { PinnedManifest } from './pinned-manifest.js';
import type { Platform } from './platform.js';
import type { Wallet } from './wallet.js';
import type { Identity } from './wallet-state.js';

const EnrolReply = z.object({ deviceId: z.uuid() });

/** A device as the issuer knows it. Never used towards intake. */
export interface EnrolledDevice {
  readonly id: string;
  /** Ed25519 */
  readonly secretKey: Uint8Array;
}

/**
 * Makes the device's key and enrols it, or finds that this was done before. The key is stored before
 * it is sent: a retry, also after a crash, is the same device again.
 *
 * @param code  the enrolment code; used once
 * @throws ClientError `refused` (`invalid_code`), `unreachable`, `untrusted_manifest`, `damaged_store`
 */
export async function enrol(
  platform: Platform,
  wallet: Wallet,
  pinned: PinnedManifest,
  { issuer, code }: { readonly issuer: string; readonly code: string },
): Promise<EnrolledDevice> {
  const identity = identityFor(pinned, wallet.identity, () => platform.random(32));
  await wallet.setIdentity(identity);
  const { secretKey } = identity;
  if (identity.deviceId !== undefined) return { id: identity.deviceId, secretKey };

  const { audience, useCase } = pinned.manifest;
  const publicKey = ed25519.getPublicKey(secretKey);
  const signature = ed25519.sign(enrolmentMessage(audience, useCase, code, publicKey), secretKey);
  const json = { useCase, code, publicKey: bytesToHex(publicKey), signature: bytesToHex(signature) };
  const question = () => ({ url: `${issuer}/v1/devices`, method: 'POST', json }) as const;
  const { deviceId } = await ask({ ...platform, http: platform.http.issuer }, question, EnrolReply);
  await wallet.setIdentity({ ...identity, deviceId });
  return { id: deviceId, secretKey };
}

/** The key of last time or a new one, with the manifest of now: it may only be replaced by a later one. */
function identityFor(
  { manifest, digest }: PinnedManifest,
  known: Identity | undefined,
  newKey: () => Uint8Array,
): Identity {
  const { useCase, version: manifestVersion } = manifest;
  if (known === undefined) return { useCase, secretKey: newKey(), manifestVersion, manifestDigest: digest };
  if (known.useCase !== useCase) {
    throw new ClientError('damaged_store', `the store belongs to the use case ${known.useCase}, not ${useCase}`);
  }
  const same = manifestVersion === known.manifestVersion && equalBytes(digest, known.manifestDigest);
  if (!same && manifestVersion <= known.manifestVersion) {
    throw new ClientError('untrusted_manifest', `a second manifest of version ${manifestVersion} or an older one`);
  }
  return { ...known, manifestVersion, manifestDigest: digest };
}
