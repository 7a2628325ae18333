import { createHash } from 'node:crypto';

import {
  adviceOn,
  decodeManifest,
  encodeManifest,
  EVALUATION_ROTATION,
  keyAt,
  ProtocolError,
  type KeyState,
  type KeyView,
  type Manifest,
} from '#protocol';
import type { KeyRow, MadeKey, Rotations, UseCaseDrafts } from '#storage/keys';

import type { SigningKey } from './signing-key.js';

export interface KeyRotationPorts {
  readonly rotations: Rotations;
  readonly drafts: UseCaseDrafts;
  readonly key: SigningKey;
}

/**
 * Changes of primary keys: wished for, made by the issuer, announced here in the next manifest, in force from
 * an epoch for which no token can be out. Every step is a guarded statement, so several coordinators may try.
 */
export class KeyRotation {
  constructor(private readonly ports: KeyRotationPorts) {}

  /**
   * Asks for another key. It is announced when the issuer has made it.
   *
   * @returns the earliest epoch that it can be for
   * @throws ProtocolError `unknown_use_case`, `wrong_state` where one is on its way already
   */
  async request(useCase: string): Promise<{ notBefore: number }> {
    const current = await this.#current(useCase);
    if (!(await this.ports.rotations.request(useCase))) {
      throw new ProtocolError('wrong_state', 'Another key of this use case is on its way already: see its keys.');
    }
    return { notBefore: current + 2 };
  }

  /** Asks for the keys whose time has come, and announces those that were made. */
  async run(): Promise<void> {
    await this.ports.rotations.requestDue(EVALUATION_ROTATION);
    for (const made of await this.ports.rotations.made()) await this.#announce(made);
  }

  async #announce(made: MadeKey): Promise<void> {
    const { useCase, firstEpoch } = made;
    const manifest = succeed(decodeManifest(made.manifest), made);
    const bytes = encodeManifest(manifest);
    const digest = createHash('sha256').update(bytes).digest();
    const { version } = manifest;
    await this.ports.rotations.announce(firstEpoch, {
      useCase,
      version,
      digest,
      bytes,
      signature: this.ports.key.sign(bytes),
    });
  }

  async list(useCase?: string): Promise<KeyView[]> {
    return (await this.ports.rotations.list(useCase)).map(viewOf);
  }

  /**
   * Tokens that are out are refused from now on.
   *
   * @returns the first epoch that is not retired
   * @throws ProtocolError `unknown_use_case`, `wrong_state`
   */
  async retireEpochs(useCase: string): Promise<{ firstLiveEpoch: number }> {
    await this.#current(useCase);
    const firstLiveEpoch = await this.ports.rotations.retireEpochs(useCase);
    return { firstLiveEpoch: firstLiveEpoch! };
  }

  async #current(useCase: string): Promise<number> {
    const current = await this.ports.rotations.currentEpoch(useCase);
    if (current !== null) return current;
    if ((await this.ports.drafts.find(useCase)) === undefined)
      throw new ProtocolError('unknown_use_case', 'No use case has this name.');
    throw new ProtocolError('wrong_state', 'This use case is not live yet.');
  }
}

/** The next manifest: another key at the end, and those left out whose epochs are all over. */
function succeed(manifest: Manifest, { publicKey, firstEpoch, currentEpoch }: MadeKey): Manifest {
  const oldest = keyAt(manifest, currentEpoch)?.firstEpoch ?? 0;
  const kept = manifest.keys.filter((key) => key.firstEpoch >= oldest);
  return { ...manifest, version: manifest.version + 1, keys: [...kept, { publicKey, firstEpoch }] };
}

function viewOf({ currentEpoch, firstLiveEpoch, ...row }: KeyRow): KeyView {
  const { useCase, name, firstEpoch, lastEpoch, evaluations } = row;
  const state = stateOf(row, currentEpoch, firstLiveEpoch);
  const advice = state === 'retired' ? null : adviceOn(evaluations);
  return { useCase, id: name, firstEpoch, lastEpoch, state, evaluations, advice };
}

function stateOf(
  { firstEpoch, lastEpoch }: Pick<KeyRow, 'firstEpoch' | 'lastEpoch'>,
  current: number | null,
  firstLive: number | null,
): KeyState {
  if (current === null || firstLive === null || firstEpoch > current + 1) return 'announced';
  return lastEpoch !== null && lastEpoch < firstLive ? 'retired' : 'live';
}
