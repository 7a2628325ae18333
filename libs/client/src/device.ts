import type { Manifest } from '#protocol';

import { enrol, type EnrolledDevice } from './enrol.js';
import { ClientError } from './errors.js';
import { participate, type Participation, type Train } from './participate.js';
import { fetchManifest, type PinnedManifest } from './pinned-manifest.js';
import type { Platform } from './platform.js';
import { prefetch } from './prefetch.js';
import { refreshManifest, type RefreshContext } from './refresh-manifest.js';
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
}

interface DeviceParts {
  readonly settings: DeviceSettings;
  readonly platform: Platform;
  readonly wallet: Wallet;
  readonly pinned: PinnedManifest;
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
   * Checks the use case's manifest under the pinned key and enrols; with a store that was used before,
   * the same device goes on.
   *
   * @throws ClientError `untrusted_manifest`, `refused`, `unreachable`, `malformed_reply`, `damaged_store`
   */
  static async enrol(settings: DeviceSettings, platform: Platform): Promise<Device> {
    const pinned = await fetchManifest({ ...platform, http: platform.http.issuer }, settings);
    const wallet = await Wallet.open(platform.store);
    const enrolled = await enrol(platform, wallet, pinned, settings);
    return new Device({ settings, platform, wallet, pinned, enrolled });
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
   * @throws ClientError `untrusted_manifest`, `malicious_issuer`, `refused`, `unreachable`, `malformed_reply`
   */
  async prefetch({ slots }: { readonly slots?: number } = {}): Promise<number> {
    const { settings, platform, wallet, enrolled } = this.parts;
    const pinned = await this.#follow({ url: settings.issuer, http: platform.http.issuer });
    const context = { platform, pinned, issuer: settings.issuer, device: enrolled };
    return prefetch(context, wallet, slots ?? pinned.manifest.batch);
  }

  /**
   * Takes part in the round that is open now, at most once.
   *
   * @throws ClientError `bad_round`, `unknown_manifest`, `untrusted_manifest`, `wrong_model`, `bad_training`, `forged_receipt`, `unreachable`, `refused`, `malformed_reply`
   */
  async participate(train: Train): Promise<Participation> {
    const { settings, platform, wallet } = this.parts;
    const { coordinator, intake } = settings;
    const takePart = () => participate({ platform, pinned: this.parts.pinned, coordinator, intake }, wallet, train);
    try {
      return await takePart();
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== 'unknown_manifest') throw error;
      // The round opened after a key was announced, and this device has not fetched tokens since.
      await this.#follow({ url: coordinator, http: platform.http.coordinator });
      return takePart();
    }
  }

  /** Takes the newest manifest for its own, where it may. */
  async #follow(from: RefreshContext['from']): Promise<PinnedManifest> {
    const pinned = await refreshManifest({ ...this.parts, from });
    this.parts = { ...this.parts, pinned };
    return pinned;
  }
}
