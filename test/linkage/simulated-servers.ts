import { ed25519 } from '@noble/curves/ed25519.js';

import { nodeHashes } from '#client/node';
import type { VirtualTime } from '#client/testing';
import { deriveTokenKeys, type RandomBytes } from '#credential';
import { encodeSafetensors } from '#learning';
import {
  decodeHeader,
  decodeInfo,
  decodeRoundRecord,
  encodeInfo,
  encodeManifest,
  encodeRoundRecord,
  receiptMessage,
  type Manifest,
  type SlotsReply,
} from '#protocol';

import { EMPTY_HISTORY, type ReadLog, type UseCaseHistory } from '../../libs/client/src/log/index.js';
import { epochAt } from '../../libs/client/src/prefetch-schedule.js';
import type { Connect, Http } from '../../libs/client/src/platform.js';

/** Who did what when: what the adversary has of issuance, and the truth it is measured by. */
export interface Seen {
  readonly device: number;
  readonly at: number;
}
export interface SeenToken extends Seen {
  readonly epoch: number;
  readonly slot: number;
}

export interface SimulatedRound {
  readonly epoch: number;
  readonly slot: number;
  readonly record: Uint8Array;
  openedAt: number;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const LATENCY_MS = { least: 20, most: 220 };

/** Issuer, coordinator and intake without cryptography, that write everything down with its time. */
export class SimulatedServers {
  readonly enrolments: Seen[] = [];
  readonly issuances: SeenToken[] = [];
  readonly redemptions: SeenToken[] = [];
  readonly rounds: SimulatedRound[] = [];
  readonly #signingKey = nodeHashes.sha256(new TextEncoder().encode('simulated'));
  readonly deploymentKey = hex(ed25519.getPublicKey(this.#signingKey));
  readonly #manifest: { readonly bytes: Uint8Array; readonly signature: Uint8Array };
  readonly manifestDigest: Uint8Array;
  readonly #nextSlot = new Map<number, number>();
  readonly #model = encodeSafetensors([{ name: 'w', shape: [1], data: new Float32Array(1) }]);
  #open: SimulatedRound | undefined;

  /** @param options.issuesLate  the mutant: a slot is issued while its round is open */
  constructor(
    readonly manifest: Manifest,
    private readonly time: VirtualTime,
    private readonly options: { readonly random: RandomBytes; readonly issuesLate: boolean },
  ) {
    const bytes = encodeManifest(manifest);
    this.#manifest = { bytes, signature: ed25519.sign(bytes, this.#signingKey) };
    this.manifestDigest = nodeHashes.sha256(bytes);
  }

  /** What reading the log would give every device; reading it shows nothing that looking for a round does not. */
  get log(): ReadLog {
    const history = (): UseCaseHistory => this.#history();
    return {
      address: { coordinator: '' },
      identity: { audience: this.manifest.audience, logKey: this.manifest.logKey },
      head: undefined,
      ended: [],
      sync: async () => undefined,
      forgetEnded: async () => undefined,
      get history() {
        return history();
      },
    };
  }

  #history(): UseCaseHistory {
    const { suite, version, keys } = this.manifest;
    const rounds = this.rounds.map(({ record }, position) => {
      const { info, ...rest } = decodeRoundRecord(record);
      const { epoch, slot } = decodeInfo(info);
      return {
        ...rest,
        position,
        epoch,
        slot,
        recordDigest: nodeHashes.sha256(record),
        expectedModel: rest.modelDigest,
      };
    });
    return {
      ...EMPTY_HISTORY,
      keys: keys.map(({ publicKey, firstEpoch }) => ({ suite, firstEpoch, keyDigest: nodeHashes.sha256(publicKey) })),
      manifests: [{ version, digest: this.manifestDigest, signature: this.#manifest.signature, position: 0 }],
      rounds,
    };
  }

  /** Takes the next slot of the epoch: from now on it is not issued any more. */
  seal(): SimulatedRound {
    const epoch = epochAt(this.manifest, this.time.now);
    const slot = this.#nextSlot.get(epoch) ?? 0;
    this.#nextSlot.set(epoch, slot + 1);
    const issued = this.issuances.filter((token) => token.epoch === epoch && token.slot === slot).length;
    const record = encodeRoundRecord({
      info: encodeInfo({ useCase: this.manifest.useCase, suite: this.manifest.suite, epoch, slot }),
      useNo: 0,
      roundId: new Uint8Array(16),
      modelDigest: nodeHashes.sha256(this.#model),
      manifestDigest: this.manifestDigest,
      jitterMs: this.manifest.jitterMs,
      deadlineMs: 600_000,
      min: 1,
      target: 1_000_000,
      issued: this.options.issuesLate ? 1_000_000 : issued,
    });
    return { epoch, slot, record, openedAt: 0 };
  }

  open(round: SimulatedRound): void {
    round.openedAt = this.time.now;
    this.rounds.push(round);
    this.#open = round;
  }

  close(round: SimulatedRound): void {
    if (this.#open === round) this.#open = undefined;
  }

  readonly coordinator: Http = async (url) => {
    await this.#latency();
    if (url.includes('/v1/models/')) return { status: 200, bytes: this.#model };
    const round = this.#open;
    if (round === undefined) return { status: 404, bytes: json({ code: 'no_open_round', message: 'none' }) };
    const roundId = '00000000-0000-0000-0000-000000000000';
    const openForMs = this.time.now - round.openedAt;
    return { status: 200, bytes: json({ roundId, record: hex(round.record), openForMs }) };
  };

  /** The issuer knows who asks. */
  issuerFor(device: number): Http {
    return async (url, { body = '{}' }) => {
      await this.#latency();
      if (url.endsWith('/manifest')) {
        const { bytes, signature } = this.#manifest;
        return { status: 200, bytes: json({ manifest: hex(bytes), signature: hex(signature) }) };
      }
      if (url.endsWith('/slots')) return { status: 200, bytes: json(this.#window()) };
      const { epoch, slots } = JSON.parse(body) as { epoch: number; slots: number[] };
      for (const slot of slots) this.issuances.push({ device, at: this.time.now, epoch, slot });
      const zeros = slots.map(() => hex(new Uint8Array(32)));
      return { status: 200, bytes: json({ evaluated: zeros, proofs: zeros }) };
    };
  }

  /** Intake does not know who submits; `device` is for the truth. An update is over with its header: this saves steps. */
  intakeFor(device: number): Connect {
    return async () => ({
      emitWithAck: async (_, payload) => {
        await this.#latency();
        const { header } = payload as { header: Uint8Array };
        const { info } = decodeHeader(header);
        const { epoch, slot } = decodeInfo(info);
        this.redemptions.push({ device, at: this.time.now, epoch, slot });
        const { receiptKey } = deriveTokenKeys(nodeHashes, new Uint8Array(64), info);
        return { ok: true, receipt: nodeHashes.hmacSha256(receiptKey, receiptMessage(nodeHashes.sha256(header))) };
      },
      close: () => undefined,
    });
  }

  #window(): SlotsReply {
    const epoch = epochAt(this.manifest, this.time.now);
    const nextSlot = this.#nextSlot.get(epoch) ?? 0;
    return { epoch, nextSlot: this.options.issuesLate ? Math.max(0, nextSlot - 1) : nextSlot };
  }

  #latency(): Promise<void> {
    const [draw] = this.options.random(1);
    return this.time.clock.sleep(LATENCY_MS.least + ((LATENCY_MS.most - LATENCY_MS.least) * draw!) / 255);
  }
}
