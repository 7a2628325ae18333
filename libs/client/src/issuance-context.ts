import { encodeInfo, type Manifest } from '#protocol';

import type { EnrolledDevice } from './enrol.js';
import type { PinnedManifest } from './pinned-manifest.js';
import type { Platform } from './platform.js';

/** A device that may ask this issuer for tokens. */
export interface IssuanceContext {
  readonly platform: Pick<Platform, 'http' | 'clock' | 'random' | 'hashes'>;
  readonly pinned: PinnedManifest;
  readonly issuer: string;
  readonly device: EnrolledDevice;
  /** SHA-256 of the list of derived keys that the log has for an epoch; rejects where it has none */
  readonly loggedKeys: (epoch: number) => Promise<Uint8Array>;
}

/** The attributes that a slot's tokens are for, by the manifest alone. */
export const infoAt = ({ useCase, suite }: Manifest, epoch: number, slot: number): Uint8Array =>
  encodeInfo({ useCase, suite, epoch, slot });
