import { setTimeout as sleep } from 'node:timers/promises';

import { prepareSubmission, submit, Wallet, type OpenRound, type Participation, type TrainingInput } from '#client';
import { l2Norm } from '#learning';

import type { FleetDevice } from '../../fleet-device.js';
import type { TrainingPool } from '../../training/index.js';
import { positions } from '../../trainings.js';
import { changeOf, doWork, payloadWithoutClip } from '../device-work.js';
import { Selection, whoStays, type SimulatedDevice } from '../population.js';
import type { RunSettings } from '../run-settings.js';
import { NoPart, type Player, type Turn } from './own-pace.js';

/** What only the devices of a round know. */
export interface RoundOfDevices {
  readonly asked: ReadonlySet<number>;
  /** those asked who do not vanish */
  readonly present: ReadonlySet<number>;
  /** L2 norms of honest updates before the clip, as they come */
  readonly norms: number[];
}

export interface PlayerPorts {
  readonly pool: Pick<TrainingPool, 'train'>;
  readonly signal: AbortSignal;
}

/** The scenario's devices as those of a real deployment: who is asked, who vanishes, dawdles and attacks. */
export class Players {
  readonly #rounds: RoundOfDevices[] = [];
  readonly #selection: Selection;
  readonly #position: (round: { readonly epoch: number; readonly slot: number }) => number;
  /** accepted updates by staleness */
  readonly #staleness: number[] = [];

  constructor(
    private readonly settings: RunSettings,
    private readonly everybody: readonly SimulatedDevice[],
    private readonly fleet: readonly FleetDevice[],
    private readonly ports: PlayerPorts,
  ) {
    this.#selection = new Selection(settings);
    this.#position = positions(fleet[0]!);
  }

  get staleness(): readonly number[] {
    return Array.from(this.#staleness, (count = 0) => count);
  }

  /** @param number  of the round among the run's, from 1 */
  round(number: number): RoundOfDevices {
    for (let next = this.#rounds.length + 1; next <= number; next++) {
      const asked = this.#selection.next(next);
      const present = whoStays(this.settings, next, asked).map(([, index]) => index);
      this.#rounds.push({ asked: new Set(asked), present: new Set(present), norms: [] });
    }
    return this.#rounds[number - 1]!;
  }

  players = (): Player[] => this.fleet.map((device) => this.#playerOf(device));

  #playerOf(device: FleetDevice): Player {
    const one = this.everybody[device.index]!;
    const unclipped = one.isAttacker && !this.settings.attackers!.clip;
    const tried = new Set<number>();
    return {
      play: (round) => {
        const position = this.#position(round);
        if (!this.#takesPart(one, position) || tried.has(position)) return undefined;
        if (!unclipped) return this.#participate(device, one);
        tried.add(position);
        return this.#sendUnclipped(device, one, round);
      },
      onTurn: ({ outcome, staleness = 0 }) => {
        if (outcome === 'accepted') this.#staleness[staleness] = (this.#staleness[staleness] ?? 0) + 1;
      },
    };
  }

  #takesPart = ({ index }: SimulatedDevice, position: number): boolean =>
    position <= this.settings.rounds && this.round(position).present.has(index);

  async #participate({ device }: FleetDevice, one: SimulatedDevice): Promise<Turn> {
    return turnOf(await device.participate(async (input) => this.#train(one, input)));
  }

  /** At its pace: a straggler's training takes as long as it says, or as long as it really does if that is more. */
  async #train(one: SimulatedDevice, { parameters, round }: TrainingInput): Promise<Float32Array> {
    const { settings, ports } = this;
    const { pool, signal } = ports;
    const position = this.#position(round);
    // The round that it was told of is over, and this is the next one.
    if (!this.#takesPart(one, position)) throw new NoPart();
    const work = doWork(settings, { round: position, parameters }, { device: one, pool, signal });
    const [{ trained, sent }] = await Promise.all([work, sleep(settings.trainingMs * one.pace, undefined, { signal })]);
    if (!one.isAttacker) this.round(position).norms.push(l2Norm(changeOf(trained, parameters)));
    return sent;
  }

  /** With its own token and a MAC that holds: only what it sends is more than the clip allows. */
  async #sendUnclipped(
    { device, platform, settings }: FleetDevice,
    one: SimulatedDevice,
    begun: OpenRound,
  ): Promise<Turn> {
    let parameters: Float32Array | undefined;
    let sent: Float32Array | undefined;
    // All that an honest device does, but for the last step.
    const interrupted = device.participate(async (input) => {
      [parameters, sent] = [input.parameters.slice(), await this.#train(one, input)];
      throw new NoPart();
    });
    await interrupted.catch((error: unknown) => {
      if (!(error instanceof NoPart)) throw error;
    });
    const token = (await Wallet.open(platform.store)).find(begun);
    if (token === undefined || sent === undefined) throw new NoPart();
    const payload = payloadWithoutClip(this.settings, { sent, parameters: parameters! });
    const scene = { manifest: device.manifest, round: begun };
    const prepared = prepareSubmission(platform.hashes, scene, token, { payload });
    const { connect, clock, random } = platform;
    return turnOf(await submit({ intake: settings.intake, connect, clock, random }, prepared));
  }
}

function turnOf(result: Participation): Turn {
  if (result.outcome === 'skipped') return { outcome: result.reason };
  return { outcome: result.outcome === 'refused' ? result.code : 'accepted', staleness: result.staleness };
}
