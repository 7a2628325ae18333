import { createHash } from 'node:crypto';

import {
  decodeSafetensors,
  LARGEST_DEVIATION,
  LearningError,
  sensitivity,
  sumMultiplier,
  type Strategies,
  type Strategy,
} from '#learning';
import {
  BIT_LEVELS,
  encodeManifest,
  encodingFields,
  parameterCount,
  settlePrivacy,
  strategyText,
  ProtocolError,
  type CreateUseCase,
  type LayoutEntry,
  type Manifest,
  type PrivacyTerms,
  type UseCaseDraft,
} from '#protocol';
import type { ModelStore } from '#storage/bodies';
import type { KeyedDraft, UseCaseDrafts } from '#storage/keys';
import type { Models } from '#storage/rounds';

import type { SigningKey } from './signing-key.js';
import { checkTree } from './tree-rules.js';

export interface RegisterPorts {
  readonly drafts: UseCaseDrafts;
  readonly models: Models;
  readonly files: ModelStore;
  readonly strategies: Strategies;
  readonly key: SigningKey;
  /** Ed25519 public key of the transparency log, 32 bytes */
  readonly logKey: Uint8Array;
}

/** From a researcher's draft to a live use case: the issuer adds a key, the coordinator signs. */
export class UseCaseRegister {
  constructor(
    private readonly ports: RegisterPorts,
    private readonly audience: string,
  ) {}

  /** @throws ProtocolError `use_case_exists`, `not_found` (a file), `malformed_message` */
  async draft(wish: CreateUseCase): Promise<void> {
    await this.#checkFiles(wish);
    const draft = { ...wish, ...this.#settled(wish), privacy: privacyTerms(wish) };
    // Shows now, not at signing, what a manifest cannot say.
    encodeManifest(
      this.#manifest({ draft, suite: draft.suite, publicKey: new Uint8Array(32), useCase: draft.id, now: 0 }),
    );
    checkNoise(draft);
    if (!(await this.ports.drafts.add(draft))) {
      throw new ProtocolError('use_case_exists', `A use case with the id ${draft.id} exists already.`);
    }
    await this.ports.models.addInitial(draft.id, Buffer.from(draft.initialModel, 'hex'), parameterCount(draft));
  }

  /** Signs every draft that has its primary key by now, and sets it live. */
  async goLive(): Promise<void> {
    for (const keyed of await this.ports.drafts.keyed()) {
      const manifest = this.#manifest(keyed);
      const bytes = encodeManifest(manifest);
      const signature = this.ports.key.sign(bytes);
      const digest = createHash('sha256').update(bytes).digest();
      const { epochOrigin: origin, epochSeconds: seconds, slots, version, useCase } = manifest;
      // A crash between drafting and adding the initial model is made good here.
      await this.ports.models.addInitial(
        useCase,
        Buffer.from(keyed.draft.initialModel, 'hex'),
        parameterCount(manifest),
      );
      await this.ports.drafts.goLive({ useCase, version, digest, bytes, signature }, { origin, seconds, slots });
    }
  }

  #manifest({ useCase, suite, publicKey, draft, now }: KeyedDraft): Manifest {
    const { epochSeconds, slots, batch, kMin, jitterMs, scale, weightLevels, chunkBytes, uploadDeadlineMs, layout } =
      draft;
    return {
      audience: this.audience,
      useCase,
      version: 1,
      suite,
      keys: [{ publicKey, firstEpoch: 0 }],
      logKey: this.ports.logKey,
      epochOrigin: Math.floor(now),
      epochSeconds,
      slots,
      batch: Math.min(batch, slots),
      quota: Math.min(draft.quota ?? slots, slots),
      reuse: draft.reuse,
      kMin,
      jitterMs,
      ...encodingFields(draft.encoding ?? 'int32'),
      scale,
      clipMicros: Math.round(draft.clip * 1e6),
      strategy: strategyText(draft.strategy, draft.privacy),
      weightLevels,
      chunkBytes: chunkBytes - (chunkBytes % 4),
      uploadDeadlineMs,
      initialModel: Buffer.from(draft.initialModel, 'hex'),
      topologyDigest: draft.topology === undefined ? new Uint8Array(32) : Buffer.from(draft.topology, 'hex'),
      layout,
    };
  }

  /** What updates may weigh and how many tokens a device gets, where strategy and privacy let the task be. */
  #settled(wish: CreateUseCase): Pick<UseCaseDraft, 'weightLevels' | 'quota'> {
    try {
      const strategy = this.ports.strategies.make(wish.strategy);
      const quota = checkTree(wish, strategy) ?? wish.quota;
      checkPrivacy(wish, strategy);
      checkSparse(wish, strategy);
      return { weightLevels: weightLevelsOf(wish, strategy), quota };
    } catch (error) {
      if (!(error instanceof LearningError)) throw error;
      throw new ProtocolError('bad_strategy', error.message);
    }
  }

  async #checkFiles({ initialModel, topology, evaluationSet, layout }: CreateUseCase): Promise<void> {
    const model = await this.#file(initialModel, 'initial model');
    if (topology !== undefined) await this.#file(topology, 'topology');
    if (evaluationSet !== undefined) await this.#file(evaluationSet, 'evaluation set');
    try {
      if (sameLayout(decodeSafetensors(model), layout)) return;
    } catch (error) {
      if (!(error instanceof LearningError)) throw error;
    }
    throw new ProtocolError('malformed_message', 'The initial model is not a safetensors file of the given layout.');
  }

  async #file(digest: string, what: string): Promise<Uint8Array> {
    const bytes = await this.ports.files.get(Buffer.from(digest, 'hex'));
    if (bytes === undefined)
      throw new ProtocolError('not_found', `The ${what} was not uploaded: POST it to /v1/blobs first.`);
    return bytes;
  }
}

const privacyTerms = ({ privacy, clip, scale, encoding, kMin }: CreateUseCase): PrivacyTerms | undefined =>
  settlePrivacy(privacy, { clip, scale, encoding: encodingFields(encoding).encoding, updates: kMin });

const sameLayout = (tensors: readonly LayoutEntry[], layout: readonly LayoutEntry[]): boolean =>
  tensors.length === layout.length &&
  tensors.every(({ name, shape }, i) => name === layout[i]!.name && shape.join() === layout[i]!.shape.join());

function weightLevelsOf(
  { strategy, weightLevels, privacy }: CreateUseCase,
  { weightLevels: own }: Strategy,
): readonly number[] {
  if (privacy?.clipping !== undefined) return BIT_LEVELS;
  if (own !== undefined && weightLevels !== undefined && weightLevels.join() !== own.join()) {
    throw new ProtocolError(
      'bad_strategy',
      `${strategy.name} says itself what updates weigh, ${own.join(', ')}: leave weightLevels out.`,
    );
  }
  return own ?? weightLevels ?? [1];
}

/** Noise is accounted for on a sum over a public number, to which every device adds so much at most; on nothing else. */
function checkPrivacy(
  { privacy, strategy, weightLevels = [1] }: CreateUseCase,
  { aggregator, weightLevels: own }: Strategy,
): void {
  if (privacy === undefined) return;
  if (own !== undefined && privacy.clipping !== undefined) {
    throw new ProtocolError(
      'bad_strategy',
      `${strategy.name} and adaptive clipping exclude each other: a weight level says how stale an update is there, and has no room for whether it was within the clip.`,
    );
  }
  if (aggregator.reads !== 'sum') {
    throw new ProtocolError(
      'bad_strategy',
      `${strategy.name} and privacy exclude each other: what such a rule gives away is accounted for by nobody. Take one that averages.`,
    );
  }
  if (own !== undefined && aggregator.fullWeight === undefined) {
    throw new ProtocolError(
      'bad_strategy',
      `${strategy.name} and privacy exclude each other: it divides by the weights of the updates, which are not public.`,
    );
  }
  if (own === undefined && (weightLevels.length > 1 || weightLevels[0] !== 1)) {
    throw new ProtocolError('bad_strategy', 'With privacy every update weighs 1: a heavier one would give away more.');
  }
}

/** Whether the largest noise that the task may ask for can be drawn exactly. */
function checkNoise({ privacy, scale, clip, encoding, weightLevels, layout }: UseCaseDraft): void {
  if (privacy === undefined) return;
  const grid = { scale, clip: privacy.clipping?.maxClip ?? clip };
  const moves = sensitivity(grid, parameterCount({ layout }), Math.max(...weightLevels), encoding);
  const deviation = sumMultiplier(privacy.noiseMultiplier, privacy.clipping) * moves;
  if (deviation <= LARGEST_DEVIATION) return;
  const times = (deviation / LARGEST_DEVIATION).toPrecision(2);
  throw new ProtocolError(
    'bad_strategy',
    `The noise would be ${times} times as large as can be drawn exactly: take a smaller scale, or a smaller clip.`,
  );
}

/** Of sparse updates a coordinate has mostly zeros that say nothing; their median would be zero nearly everywhere. */
function checkSparse({ encoding, strategy }: CreateUseCase, { aggregator }: Strategy): void {
  if (typeof encoding !== 'object' || aggregator.reads === 'sum' || aggregator.comparesCoordinates !== true) return;
  throw new ProtocolError(
    'bad_strategy',
    `${strategy.name} and topK exclude each other: where few devices name a number, the rule takes it for zero. Take a strategy that averages, or int8.`,
  );
}
