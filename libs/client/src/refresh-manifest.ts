import { equalBytes } from '#protocol';

import { ClientError } from './errors.js';
import { fetchManifest, type PinnedManifest } from './pinned-manifest.js';
import type { Platform } from './platform.js';
import { askWindow } from './prefetch.js';
import { brokenRule } from './succession.js';
import type { Wallet } from './wallet.js';

export interface RefreshContext {
  readonly platform: Platform;
  readonly pinned: PinnedManifest;
  readonly wallet: Wallet;
  readonly settings: { readonly issuer: string; readonly useCase: string; readonly deploymentKey: string };
}

/**
 * The newest manifest, which may only be one that can follow the pinned one.
 *
 * @throws ClientError `untrusted_manifest`, and those of `ask`
 */
export async function refreshManifest(context: RefreshContext): Promise<PinnedManifest> {
  const { platform, pinned, wallet, settings } = context;
  const newest = await fetchManifest({ ...platform, http: platform.http.issuer }, settings);
  if (equalBytes(newest.digest, pinned.digest)) return pinned;

  const { epoch: current } = await askWindow({ platform, pinned, issuer: settings.issuer });
  const fetched = Math.max(pinned.manifest.keys[0]!.firstEpoch, ...wallet.covered.map(({ epoch }) => epoch));
  const broken = brokenRule(pinned.manifest, newest.manifest, { fetched, current });
  if (broken !== undefined) throw new ClientError('untrusted_manifest', `the next manifest ${broken}`);
  const { version: manifestVersion } = newest.manifest;
  await wallet.setIdentity({ ...wallet.identity!, manifestVersion, manifestDigest: newest.digest });
  return { ...newest, formerDigest: pinned.digest };
}
