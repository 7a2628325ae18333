import { epochAt, equalBytes } from '#protocol';

import { ClientError } from './errors.js';
import type { Floors } from './floors.js';
import { fetchManifest, type PinnedManifest } from './pinned-manifest.js';
import type { Http, Platform } from './platform.js';
import { brokenRule } from './succession.js';
import type { Wallet } from './wallet.js';

export interface RefreshContext {
  readonly platform: Platform;
  readonly pinned: PinnedManifest;
  readonly wallet: Wallet;
  readonly settings: { readonly useCase: string; readonly deploymentKey: string; readonly floors?: Floors };
  /** who is asked: issuer or coordinator, on its own connection */
  readonly from: { readonly url: string; readonly http: Http };
  /** throws unless the log has this manifest; asked before anything is stored */
  readonly believe: (newest: PinnedManifest) => Promise<void>;
}

/**
 * The newest manifest, which may only be one that can follow the pinned one.
 *
 * @throws ClientError `untrusted_manifest`, those of `believe`, and those of `ask`
 */
export async function refreshManifest(context: RefreshContext): Promise<PinnedManifest> {
  const { platform, pinned, wallet, settings, from, believe } = context;
  const newest = await fetchManifest({ ...platform, http: from.http }, { ...settings, url: from.url });
  if (equalBytes(newest.digest, pinned.digest)) {
    await believe(pinned);
    return pinned;
  }

  // An epoch more: this device's clock may be slow.
  const current = epochAt(pinned.manifest, platform.clock.now()) + 1;
  const fetched = Math.max(pinned.manifest.keys[0]!.firstEpoch, ...wallet.covered.map(({ epoch }) => epoch));
  const broken = brokenRule(pinned.manifest, newest.manifest, { fetched, current });
  if (broken !== undefined) throw new ClientError('untrusted_manifest', `the next manifest ${broken}`);
  await believe(newest);
  const { version: manifestVersion } = newest.manifest;
  await wallet.setIdentity({ ...wallet.identity!, manifestVersion, manifestDigest: newest.digest });
  return { ...newest, formerDigest: pinned.digest };
}
