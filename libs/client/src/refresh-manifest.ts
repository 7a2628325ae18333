import { epochAt, equalBytes } from '#protocol';

import { ClientError } from './errors.js';
import type { Floors } from './floors.js';
import { believeManifest, laterManifest, type LogView } from './log/index.js';
import { fetchLoggedManifest, fetchManifest, type PinnedManifest } from './pinned-manifest.js';
import type { Platform } from './platform.js';
import { askWindow } from './prefetch.js';
import { brokenRule } from './succession.js';
import type { Wallet } from './wallet.js';

export interface RefreshContext {
  readonly platform: Platform;
  readonly pinned: PinnedManifest;
  readonly wallet: Wallet;
  readonly log: LogView;
  readonly settings: {
    readonly issuer: string;
    readonly coordinator: string;
    readonly useCase: string;
    readonly deploymentKey: string;
    readonly floors?: Floors;
  };
}

/**
 * The newest manifest that the issuer has, which may only be one that can follow the pinned one, and is in the log.
 *
 * @throws ClientError `untrusted_manifest`, `unlogged`, and those of `ask`
 */
export async function refreshManifest(context: RefreshContext): Promise<PinnedManifest> {
  const { platform, pinned, log, settings } = context;
  const newest = await fetchManifest({ ...platform, http: platform.http.issuer }, settings);
  if (equalBytes(newest.digest, pinned.digest)) {
    await believeManifest(platform, log, pinned);
    return pinned;
  }
  const { epoch: current } = await askWindow({ platform, pinned, issuer: settings.issuer });
  return succeed(context, newest, current);
}

/**
 * The newest manifest that the log has, for a device on its way to a round: it asks the coordinator, by the
 * manifest's digest, and the issuer nothing.
 *
 * @throws ClientError `untrusted_manifest`, `unlogged`, and those of `ask`
 */
export async function followLog(context: RefreshContext): Promise<PinnedManifest> {
  const { platform, pinned, log, settings } = context;
  await log.sync();
  const later = laterManifest(log, pinned);
  if (later === undefined) return pinned;
  const asker = { ...platform, http: platform.http.coordinator };
  const newest = await fetchLoggedManifest(asker, settings, later.digest);
  return succeed(context, newest, epochAt(pinned.manifest, platform.clock.now()));
}

/** In the pinned one's place. Nothing is stored before the log has it. */
async function succeed(
  { platform, pinned, wallet, log }: RefreshContext,
  newest: PinnedManifest,
  current: number,
): Promise<PinnedManifest> {
  const fetched = Math.max(pinned.manifest.keys[0]!.firstEpoch, ...wallet.covered.map(({ epoch }) => epoch));
  const broken = brokenRule(pinned.manifest, newest.manifest, { fetched, current });
  if (broken !== undefined) throw new ClientError('untrusted_manifest', `the next manifest ${broken}`);
  await believeManifest(platform, log, newest);
  const { version: manifestVersion } = newest.manifest;
  await wallet.setIdentity({ ...wallet.identity!, manifestVersion, manifestDigest: newest.digest });
  return { ...newest, formerDigest: pinned.digest };
}
