import type { Manifest } from '#protocol';

import { enrol, type EnrolledDevice } from './enrol.js';
import type { Floors } from './floors.js';
import {
  auditRounds,
  believeManifest,
  loggedDerivedKeys,
  LogView,
  type AuditedRound,
  type Witness,
} from './log/index.js';
import { participate, type Participation, type Train } from './participate.js';
import { fetchManifest, type PinnedManifest } from './pinned-manifest.js';
import type { Platform } from './platform.js';
import { prefetch } from './prefetch.js';
import { refreshManifest } from './refresh-manifest.js';
import { Wallet } from './wallet.js';

export interface DeviceSettings {
  /** base URLs without a slash at the end, three different hosts or ports */
  readonly issuer: string;
  readonly coordinator: string;
  readonly intake: string;
  readonly useCase: string;
  /** enrolment code; used only the first time */
  readonly code: string;
  /** Ed25519 public key of the deployment, hex: pinned, so ship it with the app */
  readonly deploymentKey: string;
  /** what this device asks of the manifest, whoever signed it */
  readonly floors?: Floors;
  /** takes the log's heads from here: what one device is shown, all that ask this witness are */
  readonly witness?: Witness;
}

interface DeviceParts {
  readonly settings: DeviceSettings;
  readonly platform: Platform;
  readonly wallet: Wallet;
  readonly pinned: PinnedManifest;
  readonly log: LogView;
  readonly enrolled: EnrolledDevice;
}

/**
 * A device of a use case: enrols once, fetches tokens ahead of time, takes part in rounds.
 *
 * Call `prefetch` at a time that has nothing to do with rounds, for example once an epoch at a random
 * moment; call `participate` when a round opens.
 */
export class Device {
  private constructor(private parts: DeviceParts) {}

  /**
   * Checks the use case's manifest under the pinned key and in the public log, and enrols; with a store that
   * was used before, the same device goes on.
   *
   * @throws ClientError `untrusted_manifest`, `unlogged`, `untrusted_log`, `split_view`, `refused`, `unreachable`, `malformed_reply`, `damaged_store`
   */
  static async enrol(settings: DeviceSettings, platform: Platform): Promise<Device> {
    const pinned = await fetchManifest({ ...platform, http: platform.http.issuer }, settings);
    const { audience, logKey, useCase } = pinned.manifest;
    const address = { coordinator: settings.coordinator, witness: settings.witness };
    const log = await LogView.of(platform, { address, identity: { audience, logKey }, useCase });
    await believeManifest(platform, log, pinned);
    const wallet = await Wallet.open(platform.store);
    const enrolled = await enrol(platform, wallet, pinned, settings);
    return new Device({ settings, platform, wallet, pinned, log, enrolled });
  }

  get manifest(): Manifest {
    return this.parts.pinned.manifest;
  }

  /**
   * Sees to it that there is a token for each of the coming `slots` that can still be issued, in this
   * epoch and the next. Fetches whole batches; does nothing where nothing is missing. Looks first whether
   * there is a later manifest: it announces keys.
   *
   * @param options.slots  default: one batch
   * @returns how many tokens came in
   * @throws ClientError `untrusted_manifest`, `malicious_issuer`, `unlogged`, `untrusted_log`, `split_view`, `refused`, `unreachable`, `malformed_reply`
   */
  async prefetch({ slots }: { readonly slots?: number } = {}): Promise<number> {
    const { settings, platform, wallet, log, enrolled } = this.parts;
    const pinned = await refreshManifest({ platform, pinned: this.parts.pinned, wallet, settings });
    await believeManifest(platform, log, pinned);
    this.parts = { ...this.parts, pinned };
    const loggedKeys = (epoch: number): Promise<Uint8Array> => loggedDerivedKeys(platform, log, epoch);
    const context = { platform, pinned, issuer: settings.issuer, device: enrolled, loggedKeys };
    return prefetch(context, wallet, slots ?? pinned.manifest.batch);
  }

  /**
   * Takes part in the round that is open now, at most once.
   *
   * @throws ClientError `bad_round`, `unlogged`, `untrusted_log`, `split_view`, `wrong_model`, `bad_training`, `forged_receipt`, `unreachable`, `refused`, `malformed_reply`
   */
  participate(train: Train): Promise<Participation> {
    const { settings, platform, wallet, pinned, log } = this.parts;
    const { coordinator, intake } = settings;
    return participate({ platform, pinned, log, coordinator, intake }, wallet, train);
  }

  /**
   * What became of each round that ended since the last audit, by the public log. Asks for the accepted lists
   * of all of them, taken part or not.
   *
   * @throws ClientError `unlogged`, `untrusted_log`, `split_view`, `refused`, `unreachable`, `malformed_reply`
   */
  audit(): Promise<AuditedRound[]> {
    const { platform, wallet, log } = this.parts;
    return auditRounds({ ...platform, http: platform.http.coordinator }, log, wallet);
  }
}
