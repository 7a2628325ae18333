import { asciiBytes, ByteReader, ByteWriter } from './bytes.js';
import { BIT_LEVELS, clippingOf } from './clipping.js';
import { BYTES_OF_ENCODING, ENCODING, encodingChoice, MOST_OF_ENCODING, type EncodingFields } from './encoding.js';
import { ProtocolError } from './errors.js';
import { separationOf } from './lane.js';

/** One tensor of the model: a name and its dimensions. */
export interface LayoutEntry {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A primary key and the first epoch it is for; it is the key until the next one's first epoch. */
export interface ManifestKey {
  /** the suite's element; empty where the suite has none to pin (`acs-*-hmac`) */
  readonly publicKey: Uint8Array;
  readonly firstEpoch: number;
}

/** All a device must know of a use case. Signed by the deployment's key, which devices pin. */
export interface Manifest extends EncodingFields {
  readonly audience: string;
  readonly useCase: string;
  readonly version: number;
  readonly suite: string;
  /** in the order of their epochs; a later version may only add a key for an epoch that is not yet issued */
  readonly keys: readonly ManifestKey[];
  /** Ed25519 key of the transparency log's tree heads, 32 bytes */
  readonly logKey: Uint8Array;
  /** unix ms at which epoch 0 begins */
  readonly epochOrigin: number;
  readonly epochSeconds: number;
  /** rounds that fit in an epoch */
  readonly slots: number;
  /** slots a device fetches tokens for at a time */
  readonly batch: number;
  /** tokens a device gets in an epoch at most, one a slot */
  readonly quota: number;
  /** r: rounds that one slot, and so one token, is good for; its uses can be linked to each other */
  readonly reuse: number;
  /** smallest anonymity set: fewer tokens issued for a slot and its round does not open */
  readonly kMin: number;
  /** W: the window over which submissions spread, ms */
  readonly jitterMs: number;
  /** the fixed-point grid: q = round(scale · delta · min(1, clip / ‖delta‖)) */
  readonly scale: number;
  /** L2 bound of a delta in millionths */
  readonly clipMicros: number;
  /** what becomes of the updates: canonical JSON of the strategy's name and options, those given, and of the privacy; devices read FedProx's mu here */
  readonly strategy: string;
  /** public weights an update may carry; a header names one by index */
  readonly weightLevels: readonly number[];
  /** bytes of an upload chunk, but for the last */
  readonly chunkBytes: number;
  /** an upload ends this long after its permit at the latest, ms */
  readonly uploadDeadlineMs: number;
  /** SHA-256 of the model file the first round starts from, 32 bytes */
  readonly initialModel: Uint8Array;
  /** SHA-256 of the model's topology JSON; zeros for a bare layout */
  readonly topologyDigest: Uint8Array;
  readonly layout: readonly LayoutEntry[];
}

const PREFIX = asciiBytes('starling-manifest-v1');
export const MAX_WEIGHT_LEVELS = 8;
/** Keys a manifest lists: the old ones whose epochs are over may be left out. */
export const MAX_MANIFEST_KEYS = 16;
export const MAX_REUSE = 64;
export const MAX_STRATEGY = 2048;
export const MAX_PARAMETERS = 2 ** 28;

export function encodeManifest(manifest: Manifest): Uint8Array {
  checkManifest(manifest);
  const writer = new ByteWriter()
    .raw(PREFIX)
    .text(manifest.audience)
    .text(manifest.useCase)
    .uint(manifest.version, 4)
    .text(manifest.suite)
    .uint(manifest.keys.length, 1);
  for (const { publicKey, firstEpoch } of manifest.keys) writer.lp(publicKey).uint(firstEpoch, 4);
  writer
    .fixed(manifest.logKey, 32)
    .uint(manifest.epochOrigin, 8)
    .uint(manifest.epochSeconds, 4)
    .uint(manifest.slots, 2)
    .uint(manifest.batch, 2)
    .uint(manifest.quota, 2)
    .uint(manifest.reuse, 1)
    .uint(manifest.kMin, 4)
    .uint(manifest.jitterMs, 4)
    .uint(manifest.encoding, 1)
    .uint(manifest.scale, 4)
    .uint(manifest.clipMicros, 8)
    .text(manifest.strategy)
    .uint(manifest.weightLevels.length, 1);
  for (const level of manifest.weightLevels) writer.uint(level, 2);
  writer
    .uint(manifest.chunkBytes, 4)
    .uint(manifest.uploadDeadlineMs, 4)
    .fixed(manifest.initialModel, 32)
    .fixed(manifest.topologyDigest, 32)
    .uint(manifest.layout.length, 2);
  for (const { name, shape } of manifest.layout) {
    writer.text(name).uint(shape.length, 1);
    for (const dimension of shape) writer.uint(dimension, 4);
  }
  if (manifest.topK !== undefined) writer.uint(manifest.topK, 4);
  return writer.done();
}

/** @throws ProtocolError `malformed_message` */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const reader = new ByteReader(bytes).expect(PREFIX, 'manifest');
  const fields: Manifest = {
    audience: reader.text(),
    useCase: reader.text(),
    version: reader.uint(4),
    suite: reader.text(),
    keys: times(reader.uint(1), () => ({ publicKey: reader.lp(), firstEpoch: reader.uint(4) })),
    logKey: reader.fixed(32),
    epochOrigin: reader.uint(8),
    epochSeconds: reader.uint(4),
    slots: reader.uint(2),
    batch: reader.uint(2),
    quota: reader.uint(2),
    reuse: reader.uint(1),
    kMin: reader.uint(4),
    jitterMs: reader.uint(4),
    encoding: reader.uint(1),
    scale: reader.uint(4),
    clipMicros: reader.uint(8),
    strategy: reader.text(),
    weightLevels: times(reader.uint(1), () => reader.uint(2)),
    chunkBytes: reader.uint(4),
    uploadDeadlineMs: reader.uint(4),
    initialModel: reader.fixed(32),
    topologyDigest: reader.fixed(32),
    layout: times(reader.uint(2), () => ({ name: reader.text(), shape: times(reader.uint(1), () => reader.uint(4)) })),
  };
  const manifest = fields.encoding === ENCODING.topK ? { ...fields, topK: reader.uint(4) } : fields;
  reader.end();
  checkManifest(manifest);
  return manifest;
}

/** Rules that no field shows alone; a device refuses a manifest that breaks one. */
function checkManifest(manifest: Manifest): void {
  const { keys, weightLevels, slots, batch, quota, reuse, epochSeconds, kMin, clipMicros, scale, chunkBytes } =
    manifest;
  const parameters = parameterCount(manifest);
  const rules: readonly (readonly [boolean, string])[] = [
    [keys.length >= 1 && keys.length <= MAX_MANIFEST_KEYS, `1 to ${MAX_MANIFEST_KEYS} keys`],
    [
      keys.every(({ firstEpoch }, i) => i === 0 || firstEpoch > keys[i - 1]!.firstEpoch),
      'keys for epochs one after the other',
    ],
    [reuse >= 1 && reuse <= MAX_REUSE, `a reuse of 1 to ${MAX_REUSE}`],
    [weightLevels.length >= 1 && weightLevels.length <= MAX_WEIGHT_LEVELS, '1 to 8 weight levels'],
    [weightLevels.every((level) => level >= 1), 'weights of at least 1'],
    [slots >= 1 && batch >= 1 && batch <= slots, 'a batch of 1 to `slots` slots'],
    [quota >= 1 && quota <= slots, 'a quota of 1 to `slots` tokens'],
    [epochSeconds >= 1, 'an epoch of at least a second'],
    [kMin >= 1, 'an anonymity set of at least 1'],
    [manifest.strategy.length >= 1 && manifest.strategy.length <= MAX_STRATEGY, 'a strategy'],
    [clipMicros >= 1 && scale >= 1, 'a positive clip and scale'],
    [chunkBytes >= 1024 && chunkBytes % 4 === 0, 'chunks of at least 1 kB, whole numbers'],
    [parameters >= 1 && parameters <= MAX_PARAMETERS, `1 to ${MAX_PARAMETERS} parameters`],
    ...encodingRules(manifest, parameters),
    [
      clippingOf(manifest) === undefined || weightLevels.join() === BIT_LEVELS.join(),
      'two levels of weight 1 where the clip adapts',
    ],
    ...separationRules(manifest),
    [new Set(manifest.layout.map(({ name }) => name)).size === manifest.layout.length, 'tensors of distinct names'],
  ];
  for (const [holds, rule] of rules) {
    if (!holds) throw new ProtocolError('malformed_message', `a manifest needs ${rule}`);
  }
}

function encodingRules(manifest: Manifest, parameters: number): readonly (readonly [boolean, string])[] {
  const { encoding, topK = 1, clipMicros, scale } = manifest;
  const [clip, most] = [clipMicros / 1e6, MOST_OF_ENCODING[encoding]!];
  const fitting = `a scale of at most ${Math.floor(most / clip)} at a clip of ${clip}, or a smaller clip`;
  return [
    [encodingChoice(manifest) !== undefined, 'an encoding that there is, with its k where it is topK'],
    [topK >= 1 && topK <= parameters, `a k of 1 to ${parameters}, as many as it has parameters, and not ${topK}`],
    [clip * scale <= most, `clip · scale of at most ${most} in this encoding, and not ${clip * scale}: ${fitting}`],
  ];
}

/** Only with these are the rounds of a device so many slots apart, from epoch to epoch too. */
function separationRules(manifest: Manifest): readonly (readonly [boolean, string])[] {
  const { slots, quota, reuse } = manifest;
  const separation = separationOf(manifest);
  return [
    [separation >= 1 && slots % separation === 0, 'a separation that divides its slots'],
    [separation <= 1 || (quota * separation <= slots && reuse === 1), 'one token for each round of a device, no more'],
  ];
}

/** The strategy's name first, then its options in order, then the privacy promised: one choice has one text. */
export function strategyText({ name, ...options }: { readonly name: string }, privacy?: object): string {
  return JSON.stringify({ name, ...inOrder(options), ...(privacy === undefined ? {} : { privacy: inOrder(privacy) }) });
}

/** The same fields in the order of their names, and so on within them. */
function inOrder(fields: object): object {
  const entries: [string, unknown][] = Object.entries(fields);
  return Object.fromEntries(
    entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, typeof value === 'object' && value !== null ? inOrder(value) : value]),
  );
}

/** Which strategy a text of `strategyText` names. */
export const strategyName = (text: string): string | undefined => /^\{"name":"([\w-]+)"/.exec(text)?.[1];

/** The one key of an epoch; undefined before the first that is listed. */
export const keyAt = ({ keys }: Pick<Manifest, 'keys'>, epoch: number): ManifestKey | undefined =>
  keys.findLast(({ firstEpoch }) => firstEpoch <= epoch);

/** d: how many numbers an update has. */
export const parameterCount = ({ layout }: Pick<Manifest, 'layout'>): number =>
  layout.reduce((sum, { shape }) => sum + shape.reduce((product, dimension) => product * dimension, 1), 0);

/** Bytes of one update's payload: the manifest alone says them. */
export const payloadLength = (manifest: Pick<Manifest, 'layout' | 'encoding' | 'topK'>): number =>
  BYTES_OF_ENCODING[manifest.encoding]! * (manifest.topK ?? parameterCount(manifest));

/** floor((now − origin) / length); negative before the origin. `now` is unix ms. */
export const epochAt = ({ epochOrigin, epochSeconds }: Manifest, now: number): number =>
  Math.floor((now - epochOrigin) / (1000 * epochSeconds));

/** unix ms at which `epoch` ends */
export const epochEnd = ({ epochOrigin, epochSeconds }: Manifest, epoch: number): number =>
  epochOrigin + 1000 * epochSeconds * (epoch + 1);

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
