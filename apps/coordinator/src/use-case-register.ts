import { createHash } from 'node:crypto';

import { decodeSafetensors, LearningError, type Strategies } from '#learning';
import {
  encodeManifest,
  parameterCount,
  ProtocolError,
  type CreateUseCase,
  type LayoutEntry,
  type Manifest,
} from '#protocol';
import type { ModelStore } from '#storage/bodies';
import type { KeyedDraft, UseCaseDrafts } from '#storage/keys';
import type { Models } from '#storage/rounds';

import type { SigningKey } from './signing-key.js';
import { manifestOf } from './use-case-manifest.js';
import { checkNoise, privacyTerms, settleTask } from './use-case-rules.js';

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
    const draft = { ...wish, ...settleTask(wish, this.ports.strategies), privacy: privacyTerms(wish) };
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

  #manifest(keyed: KeyedDraft): Manifest {
    return manifestOf(keyed, { audience: this.audience, logKey: this.ports.logKey });
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

const sameLayout = (tensors: readonly LayoutEntry[], layout: readonly LayoutEntry[]): boolean =>
  tensors.length === layout.length &&
  tensors.every(({ name, shape }, i) => name === layout[i]!.name && shape.join() === layout[i]!.shape.join());
