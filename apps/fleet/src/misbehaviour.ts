import { bytesToHex } from '@noble/hashes/utils.js';

import {
  openSubmission,
  prepareSubmission,
  submit,
  Wallet,
  type OpenRound,
  type PreparedSubmission,
  type StoredToken,
} from '#client';
import { FIGURES_BYTES } from '#learning';
import { payloadLength, type Manifest } from '#protocol';

import type { FleetDevice } from './fleet-device.js';

/*
 * Devices that cheat, on purpose and with real tokens where they have one: what a deployment must refuse.
 */

export type MisbehaviourKind = 'double_spend' | 'forged_token' | 'wrong_shape' | 'vanished';

/** What intake answered; null where the device did not wait for it. */
export type Misbehaviour = (device: FleetDevice, round: OpenRound) => Promise<string | null>;

const CULPRITS = ['double_spend', 'vanished', 'wrong_shape', 'forged_token'] as const;

/** What device number `index` of `devices` does: the last four cheat, `double_spend` after an honest update. */
export function roleOf(
  index: number,
  { devices, misbehave }: { readonly devices: number; readonly misbehave: boolean },
) {
  const kind = misbehave && devices > CULPRITS.length ? CULPRITS[index - (devices - CULPRITS.length)] : undefined;
  return { kind, isHonest: kind === undefined || kind === 'double_spend' };
}

export const MISBEHAVIOURS: Readonly<Record<MisbehaviourKind, Misbehaviour>> = {
  /** Spends its token a second time, on another update. */
  double_spend: (device, round) =>
    cheat(device, round, ({ manifest, round, token }) => {
      const payload = new Uint8Array(lengthOf({ manifest, round }));
      payload[0] = 1;
      return submitted(device, prepare(device, { manifest, round, token }, payload));
    }),

  /** Makes a token up: random bytes that no issuer evaluated, and a MAC by a key it invented. */
  forged_token: (device, round) =>
    cheat(device, round, ({ manifest, round }) => {
      const { random } = device.platform;
      const token = { token: random(32), prf: random(64) };
      return submitted(
        device,
        prepare(device, { manifest, round, token }, new Uint8Array(lengthOf({ manifest, round }))),
      );
    }),

  /** Sends one number too many. */
  wrong_shape: (device, round) =>
    cheat(device, round, (scene) => submitted(device, prepare(device, scene, new Uint8Array(lengthOf(scene) + 4)))),

  /** Opens its submission, uploads half of it and is never seen again. */
  vanished: (device, round) =>
    cheat(device, round, async (scene) => {
      const { platform, settings } = device;
      const payload = new Uint8Array(lengthOf(scene));
      const transport = { intake: settings.intake, connect: platform.connect };
      const opened = await openSubmission(transport, prepare(device, scene, payload));
      if ('refusal' in opened) return opened.refusal.code;
      if ('receipt' in opened) return 'accepted';
      const connection = await platform.connect(settings.intake, '/upload', { permit: bytesToHex(opened.permit) });
      const half = Math.floor(Math.ceil(payload.length / opened.chunkBytes) / 2);
      for (let index = 0; index < half; index++) {
        const bytes = payload.subarray(index * opened.chunkBytes, (index + 1) * opened.chunkBytes);
        await connection.emitWithAck('upload:chunk', { index, bytes }, 10_000);
      }
      connection.close();
      return null;
    }),
};

interface Scene {
  readonly manifest: Manifest;
  readonly round: OpenRound;
  readonly token: Pick<StoredToken, 'token' | 'prf'>;
}

/**
 * Finds the device's own token for the round it was told of; `no_token` where there is none. It does not ask again which
 * round is open: by now that may be the next one, and its token is still good.
 */
async function cheat(
  { platform, device }: FleetDevice,
  round: OpenRound,
  act: (scene: Scene) => Promise<string | null>,
): Promise<string | null> {
  const token = (await Wallet.open(platform.store)).find(round);
  return token === undefined ? 'no_token' : act({ manifest: device.manifest, round, token });
}

/** Of an honest payload, in a round that trains or one that measures. */
const lengthOf = ({ manifest, round }: Pick<Scene, 'manifest' | 'round'>): number =>
  round.record.evaluation === undefined ? payloadLength(manifest) : FIGURES_BYTES;

const prepare = ({ platform }: FleetDevice, scene: Scene, payload: Uint8Array): PreparedSubmission =>
  prepareSubmission(platform.hashes, scene, scene.token, { payload });

async function submitted({ platform, settings }: FleetDevice, prepared: PreparedSubmission): Promise<string> {
  const { connect, clock, random } = platform;
  const result = await submit({ intake: settings.intake, connect, clock, random }, prepared);
  return result.outcome === 'refused' ? result.code : 'accepted';
}
