import { SUITE_IDS, suiteOf } from '#credential';
import { encodeInfo, ProtocolError } from '#protocol';
import type { Issuances } from '#storage/identity';
import type { DerivedKeyLists } from '#storage/keys';

import { overloadedRefusal, type Derive, type PublicDerivedKey } from './evaluation.js';
import type { KeyRing } from './key-ring.js';

/** Suites whose derived keys devices have to find in the log. */
const LOGGED_SUITES = SUITE_IDS.filter((id) => suiteOf(id).derivedKey === 'logged');

/** A proof has up to 24 kB; an epoch has up to 1,024 slots. */
const MAX_CACHED_KEYS = 2048;

export interface DerivedKeyPorts {
  readonly keys: KeyRing;
  readonly lists: DerivedKeyLists;
  readonly issuances: Issuances;
  readonly derive: Derive;
}

/**
 * Tells devices the public keys of slots, in suites where they cannot compute them: with a proof, or as
 * the list that the coordinator puts into the log. The same to everybody.
 */
export class DerivedKeyDesk {
  readonly #known = new Map<string, Promise<PublicDerivedKey>>();

  constructor(private readonly ports: DerivedKeyPorts) {}

  /** @throws ProtocolError `unknown_use_case`, `epoch_not_open`, `malformed_message` where the suite has no such proof */
  async proven(useCase: string, epoch: number, slot: number): Promise<PublicDerivedKey> {
    const { manifest } = await this.ports.keys.of(useCase, epoch);
    if (suiteOf(manifest.suite).derivedKey !== 'proven') throw notNeeded();
    await this.#checkEpoch(useCase, epoch);
    if (slot >= manifest.slots) throw new ProtocolError('epoch_not_open', 'The epoch has no such slot.');
    const name = `${useCase} ${epoch} ${slot}`;
    const known = this.#known.get(name) ?? this.#derive(useCase, epoch, [slot]).then((keys) => keys[0]!);
    if (this.#known.size >= MAX_CACHED_KEYS) this.#known.clear();
    this.#known.set(name, known);
    known.catch(() => this.#known.delete(name));
    return known;
  }

  /** @throws ProtocolError `unknown_use_case`, `epoch_not_open` */
  async list(useCase: string, epoch: number): Promise<Uint8Array[]> {
    const list = await this.ports.lists.find(useCase, epoch);
    if (list !== undefined) return list;
    await this.ports.keys.manifest(useCase);
    throw new ProtocolError('epoch_not_open', 'There is no list of derived keys for this epoch.');
  }

  /** Writes down the keys of every epoch that may be issued for, so that they can be logged first. */
  async writeMissing(): Promise<void> {
    for (const { useCase, epoch } of await this.ports.lists.missing(LOGGED_SUITES)) {
      const { manifest } = await this.ports.keys.of(useCase, epoch);
      const slots = Array.from({ length: manifest.slots }, (_, slot) => slot);
      const keys = await this.#derive(useCase, epoch, slots);
      await this.ports.lists.add(
        useCase,
        epoch,
        keys.map(({ publicKey }) => publicKey),
      );
    }
  }

  async #derive(useCase: string, epoch: number, slots: readonly number[]): Promise<PublicDerivedKey[]> {
    const { manifest, key } = await this.ports.keys.of(useCase, epoch);
    const { suite } = manifest;
    const { primaryKey } = key;
    return Promise.all(
      slots.map((slot) => this.ports.derive({ suite, primaryKey, info: encodeInfo({ useCase, suite, epoch, slot }) })),
    ).catch((error: unknown) => {
      throw overloadedRefusal(error);
    });
  }

  async #checkEpoch(useCase: string, epoch: number): Promise<void> {
    const current = (await this.ports.issuances.window(useCase))?.epoch;
    if (current === undefined || (epoch !== current && epoch !== current + 1)) {
      throw new ProtocolError('epoch_not_open', 'Keys are derived for the current and the next epoch only.');
    }
  }
}

const notNeeded = (): ProtocolError =>
  new ProtocolError('malformed_message', 'Devices of this use case need no proof of a derived key.');
