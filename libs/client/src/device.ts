import { laneMessage, laneOf, separationOf, type Lane, type Manifest } from '#protocol';

import { enrol, type EnrolledDevice } from './enrol.js';
import { ClientError } from './errors.js';
import type { Evaluate } from './evaluate-round.js';
import type { Floors } from './floors.js';
import {
  auditRounds,
  believeManifest,
  loggedDerivedKeys,
  LogView,
  type AuditedRound,
  type ReadLog,
  type Witness,
} from './log/index.js';
import { participate, type Participation, type Train } from './participate.js';
import { fetchManifest, type PinnedManifest } from './pinned-manifest.js';
import type { Platform } from './platform.js';
import { prefetch } from './prefetch.js';
import { comingSlots, wholeEpoch, type BatchPlanner } from './prefetch-plan.js';
import { refreshManifest, type RefreshContext } from './refresh-manifest.js';
import { keepTakingPart, keepTokens, type DeviceEvent, type RunningParts } from './run.js';
import { fetchTopology } from './topology.js';
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
  /** default true; false: without a token for a round, one is fetched and spent at once, which links the two by time */
  readonly neverFetchAndSpend?: boolean;
}

export interface RunOptions extends Abilities {
  /** ends the run */
  readonly signal: AbortSignal;
  /** how often to look for an open round, about, ms */
  readonly pollMs?: number;
  readonly onEvent?: (event: DeviceEvent) => void;
}

/** What else a device can do in a round than train. */
export interface Abilities {
  /** measures a model on examples kept out of training; without it the device sits such rounds out */
  readonly evaluate?: Evaluate;
}

const POLL_MS = 30_000;

/** What a device is made of; `Device.enrol` puts it together. */
export interface DeviceParts {
  readonly settings: DeviceSettings;
  readonly platform: Platform;
  readonly wallet: Wallet;
  readonly pinned: PinnedManifest;
  readonly log: ReadLog;
  readonly enrolled: EnrolledDevice;
}

/**
 * A device of a use case: enrols once, fetches tokens ahead of time, takes part in rounds.
 *
 * An app calls `run` and leaves the rest to it. One that has its own schedule calls `prefetch` at moments
 * that have nothing to do with rounds, and `participate` when a round opens.
 */
export class Device {
  readonly #nothingFor = new Set<string>();

  constructor(private parts: DeviceParts) {}

  /**
   * Checks the use case's manifest under the pinned key and in the public log, and enrols; with a store that
   * was used before, the same device goes on.
   *
   * @throws ClientError `untrusted_manifest`, `unlogged`, `untrusted_log`, `split_view`, `refused`, `unreachable`, `malformed_reply`, `damaged_store`, `store_in_use`
   */
  static async enrol(settings: DeviceSettings, platform: Platform): Promise<Device> {
    const wallet = await Wallet.open(platform.store);
    // A start may be caused by a round: only a device that has never enrolled has to ask the issuer then.
    const isEnrolled = wallet.identity?.deviceId !== undefined;
    const [url, http] = isEnrolled
      ? [settings.coordinator, platform.http.coordinator]
      : [settings.issuer, platform.http.issuer];
    const pinned = await fetchManifest({ ...platform, http }, { ...settings, url });
    const { audience, logKey, useCase } = pinned.manifest;
    const address = { coordinator: settings.coordinator, witness: settings.witness };
    const log = await LogView.of(platform, { address, identity: { audience, logKey }, useCase });
    await believeManifest(platform, log, pinned);
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
  prefetch({ slots }: { readonly slots?: number } = {}): Promise<number> {
    return this.#fetch(({ manifest }) => comingSlots({ ...manifest, lane: this.#lane }, slots ?? manifest.batch));
  }

  /**
   * Takes part in the round that is open now, at most once.
   *
   * @throws ClientError `bad_round`, `unknown_manifest`, `untrusted_manifest`, `unlogged`, `untrusted_log`, `split_view`, `wrong_model`, `bad_training`, `bad_evaluation`, `forged_receipt`, `unreachable`, `refused`, `malformed_reply`
   */
  participate(train: Train, abilities: Abilities = {}): Promise<Participation> {
    return this.#takePart(train, abilities, this.parts.platform);
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

  /**
   * Does all that a device does until the signal: fetches the tokens of each epoch at a random moment of the
   * epoch before, looks for rounds and takes part. What fails is tried again and told to `onEvent`.
   *
   * @throws ClientError `damaged_store`, `store_in_use` where the device was closed meanwhile; and whatever `train` throws
   */
  async run(train: Train, options: RunOptions): Promise<void> {
    const { signal, pollMs = POLL_MS, onEvent = () => undefined } = options;
    const { platform, wallet } = this.parts;
    const ending = new AbortController();
    const ended = AbortSignal.any([signal, ending.signal]);
    const clock = { now: () => platform.clock.now(), sleep: (ms: number) => platform.clock.sleep(ms, ended) };
    const running: RunningParts = {
      clock,
      random: platform.random,
      wallet,
      schedule: () => this.manifest,
      fetch: (epoch) => this.#fetch(({ manifest }) => wholeEpoch({ ...manifest, lane: this.#lane }, epoch)),
      takePart: () => this.#takePart(train, options, { ...platform, clock }),
      signal: ended,
      onEvent,
    };
    try {
      await Promise.all([keepTokens(running), keepTakingPart(running, pollMs)]);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      ending.abort();
    }
  }

  /**
   * The model's description, as the manifest's digest says it; undefined where the use case has a bare layout.
   *
   * @throws ClientError `wrong_model`, and those of `ask`
   */
  async topology(): Promise<object | undefined> {
    const { platform, settings } = this.parts;
    return fetchTopology({ ...platform, http: platform.http.coordinator }, settings.coordinator, this.manifest);
  }

  /** Gives back what the device holds of its machine, its store too; it can do nothing afterwards. */
  close(): void {
    const { platform } = this.parts;
    platform.close?.();
    // An app may have put a store of its own in the place of the platform's.
    platform.store.close?.();
  }

  /** The slots that the issuer gives this device tokens for. */
  get #lane(): Lane {
    const { enrolled, platform, pinned } = this.parts;
    const digest = platform.hashes.sha256(laneMessage(pinned.manifest.useCase, enrolled.id));
    return laneOf(digest, separationOf(pinned.manifest));
  }

  async #fetch(planFor: (pinned: PinnedManifest) => BatchPlanner): Promise<number> {
    const { settings, platform, wallet, log, enrolled } = this.parts;
    const pinned = await this.#follow({ url: settings.issuer, http: platform.http.issuer });
    const loggedKeys = (epoch: number): Promise<Uint8Array> => loggedDerivedKeys(platform, log, epoch);
    const context = { platform, pinned, issuer: settings.issuer, device: enrolled, loggedKeys };
    return prefetch(context, wallet, planFor(pinned));
  }

  async #takePart(train: Train, { evaluate }: Abilities, platform: Platform): Promise<Participation> {
    const { settings, wallet, log } = this.parts;
    const { coordinator, intake, neverFetchAndSpend = true } = settings;
    const fetchNow = neverFetchAndSpend ? {} : { fetchNow: () => this.prefetch() };
    const measuring = { ...(evaluate === undefined ? {} : { evaluate }), nothingFor: this.#nothingFor };
    const more = { ...fetchNow, ...measuring };
    const takePart = () =>
      participate({ platform, pinned: this.parts.pinned, log, coordinator, intake, ...more }, wallet, train);
    try {
      return await takePart();
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== 'unknown_manifest') throw error;
      // The round opened after a key was announced, and this device has not fetched tokens since.
      await this.#follow({ url: coordinator, http: platform.http.coordinator });
      return takePart();
    }
  }

  /** Takes the newest manifest for its own, where it may and the log has it. */
  async #follow(from: RefreshContext['from']): Promise<PinnedManifest> {
    const { platform, log } = this.parts;
    const believe = (newest: PinnedManifest): Promise<void> => believeManifest(platform, log, newest);
    const pinned = await refreshManifest({ ...this.parts, from, believe });
    this.parts = { ...this.parts, pinned };
    return pinned;
  }
}
