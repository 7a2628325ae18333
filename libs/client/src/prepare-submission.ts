import { deriveTokenKeys, type Hashes, type RandomBytes } from '#credential';
import { encodingOf, LearningError, type Encoding } from '#learning';
import {
  clipOf,
  encodeHeader,
  encodingOfManifest,
  FIGURES_ENCODING,
  MODE,
  receiptMessage,
  type Manifest,
  type RoundRecord,
} from '#protocol';

import { ClientError } from './errors.js';
import type { OpenRound } from './open-round.js';
import type { RoundModel } from './round-model.js';
import type { StoredToken } from './wallet-state.js';
import type { Transcript } from './wallet.js';

/** An update with everything that goes to intake, and the receipt that must come back. */
export interface PreparedSubmission extends Transcript {
  /** what only the holder of the use case's key can answer, 32 bytes */
  readonly receipt: Uint8Array;
}

/** What an author's training returns: the trained parameters, or with them an index into the public weight levels. */
export type Trained = Float32Array | { readonly parameters: Float32Array; readonly weightLevel: number };

/** What says how an update travels. */
export interface EncodingScene {
  readonly manifest: Manifest;
  /** of the round that it is for */
  readonly record: RoundRecord;
}

/**
 * A trained model as the payload of an update: the difference, clipped and rounded to the public grid, in the manifest's
 * encoding.
 *
 * @param start  the round's model; where its memory is nobody else's, the payload may take it: it is good for nothing afterwards
 * @param random  the system's generator, for encodings that round by lot
 * @throws ClientError `bad_training` for another length or a number that is not finite
 */
export function encodeUpdate(
  trained: Float32Array,
  { parameters: before, isFresh }: RoundModel,
  scene: EncodingScene,
  random: RandomBytes,
): Uint8Array {
  checkTrained(trained, before);
  const { manifest, record } = scene;
  const grid = { clip: clipOf(record, manifest), scale: manifest.scale };
  try {
    return encodingFor(manifest, before).encodeChange({ after: trained, before, isSpare: isFresh }, grid, random);
  } catch (cause) {
    if (!(cause instanceof LearningError)) throw cause;
    throw new ClientError('bad_training', `training returned no update: ${cause.message}`, { cause });
  }
}

function checkTrained(trained: Float32Array, { length }: Float32Array): void {
  if (trained instanceof Float32Array && trained.length === length) return;
  throw new ClientError('bad_training', `training must return ${length} float32 parameters`);
}

/** Whether an update needs no clipping in its round: the bit of adaptive clipping. @throws ClientError `bad_training` */
export function isWithinClip(trained: Float32Array, start: Float32Array, { manifest, record }: EncodingScene): boolean {
  checkTrained(trained, start);
  return encodingFor(manifest, start).normOfChange(trained, start) <= clipOf(record, manifest);
}

const encodingFor = (manifest: Manifest, { length }: Float32Array): Encoding =>
  encodingOf(encodingOfManifest(manifest), length);

/**
 * Writes the header of an update and authenticates it with the token's key. Sends nothing and checks
 * nothing: devices that misbehave on purpose use it too.
 */
export function prepareSubmission(
  hashes: Hashes,
  { manifest, round }: { readonly manifest: Manifest; readonly round: Pick<OpenRound, 'record' | 'recordDigest'> },
  { token, prf }: Pick<StoredToken, 'token' | 'prf'>,
  { payload, weightLevel = 0 }: { readonly payload: Uint8Array; readonly weightLevel?: number },
): PreparedSubmission {
  const { info } = round.record;
  const header = encodeHeader({
    audience: manifest.audience,
    info,
    token,
    useNo: round.record.useNo,
    recordDigest: round.recordDigest,
    mode: MODE.plain,
    encoding: round.record.evaluation === undefined ? manifest.encoding : FIGURES_ENCODING,
    weightLevel,
    payloadLength: payload.length,
    payloadDigest: hashes.sha256(payload),
    sealedSeed: new Uint8Array(0),
  });
  const mac = hashes.hmacSha256(deriveTokenKeys(hashes, prf, info).macKey, header);
  return { header, mac, payload, receipt: expectedReceipt(hashes, { prf, info, header }) };
}

/** receipt = HMAC(k_rcp, "accepted" ‖ SHA-256(H)) */
export function expectedReceipt(
  hashes: Hashes,
  { prf, info, header }: { readonly prf: Uint8Array; readonly info: Uint8Array; readonly header: Uint8Array },
): Uint8Array {
  return hashes.hmacSha256(deriveTokenKeys(hashes, prf, info).receiptKey, receiptMessage(hashes.sha256(header)));
}
