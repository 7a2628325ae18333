import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import { decodeManifest, equalBytes, type Manifest } from '#protocol';

import { ask, type Asker } from '../ask.js';
import { ClientError } from '../errors.js';
import { ManifestReply } from '../pinned-manifest.js';
import type { Platform } from '../platform.js';
import { Wallet } from '../wallet.js';
import { auditRounds, type AuditedRound } from './audit-rounds.js';
import type { LogAddress } from './log-source.js';
import { LogView } from './log-view.js';

/**
 * The audit of a device that is not running, from what it stored. Its own manifest says which log is its:
 * it checked the signature when it enrolled, and the digest is enough now.
 *
 * @throws ClientError `damaged_store` where no device has enrolled, `untrusted_manifest`, and those of `auditRounds`
 */
export async function auditStore(
  platform: Pick<Platform, 'store' | 'http' | 'clock' | 'random' | 'hashes'>,
  address: LogAddress,
): Promise<AuditedRound[]> {
  const wallet = await Wallet.open(platform.store);
  if (wallet.identity === undefined) throw new ClientError('damaged_store', 'no device has enrolled with this store');
  const asker = { ...platform, http: platform.http.coordinator };
  const { audience, logKey, useCase } = await fetchByDigest(asker, address, wallet.identity.manifestDigest);
  const log = await LogView.of(platform, { address, identity: { audience, logKey }, useCase });
  return auditRounds(asker, log, wallet);
}

async function fetchByDigest(
  asker: Asker & Pick<Platform, 'hashes'>,
  { coordinator }: LogAddress,
  digest: Uint8Array,
): Promise<Manifest> {
  const url = `${coordinator}/v1/manifests/${bytesToHex(digest)}`;
  const bytes = hexToBytes((await ask(asker, () => ({ url }), ManifestReply)).manifest);
  if (equalBytes(asker.hashes.sha256(bytes), digest)) return decodeManifest(bytes);
  throw new ClientError('untrusted_manifest', 'the coordinator serves another manifest under this digest');
}
