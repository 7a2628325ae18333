import { ClientError, type OpenRound, type Participation } from '#client';
import { nodePlatform } from '#client/node';

import type { FleetConfig } from './config.js';
import { holdOut, loadDigits, partitionByLabel, selectExamples, splitTest, type Hand } from './data/index.js';
import type { EnrolmentPool } from './enrolment-pool.js';
import { enrolFleetDevice, type FleetDevice } from './fleet-device.js';
import { MISBEHAVIOURS, roleOf, type MisbehaviourKind } from './misbehaviour.js';
import type { Report, RoundTally } from './report.js';
import { watchRounds } from './round-watch.js';
import type { TrainingPool } from './training/index.js';
import { evaluations, positions, trainings, type EvaluationOf, type TrainingOf } from './trainings.js';

export interface FleetPorts {
  readonly trainer: Pick<TrainingPool, 'train' | 'evaluate'>;
  readonly enroller: Pick<EnrolmentPool, 'enrol'>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** A whole fleet: deals out images, enrols everybody, and takes part in rounds until there were enough. */
export async function runFleet(config: FleetConfig, ports: FleetPorts): Promise<void> {
  const { report, signal } = ports;
  const hands = await dealImages(config);
  const fleet = await enrolAll(config, ports);
  const [first] = fleet;
  if (first === undefined) return;
  const trainingOf = trainings(config, { hands, first }, ports.trainer);
  const evaluationOf = evaluations(config, hands, ports.trainer);
  const openings = watchRounds(first.settings, nodePlatform(), { report, signal });
  let rounds = 0;
  const position = positions(first);
  for await (const round of openings) {
    await playRound(config, { fleet, trainingOf, evaluationOf, round, position: position(round) }, ports);
    rounds += 1;
    if (rounds === config.rounds) break;
  }
  report({ type: 'done', rounds });
}

/** Device i's images, without those kept for the test: the same for the same seed. */
async function dealImages({ devices, alpha, seed, heldOut, cacheDirectory }: FleetConfig): Promise<Hand[]> {
  const { train } = splitTest(await loadDigits(cacheDirectory), seed);
  return partitionByLabel(train.labels, { devices, alpha, seed }).map((hand, i) =>
    holdOut(selectExamples(train, hand), heldOut, `${seed}/${i}`),
  );
}

async function enrolAll(config: FleetConfig, { enroller, report }: FleetPorts): Promise<FleetDevice[]> {
  let count = 0;
  const enrolled = Array.from({ length: config.devices }, async (_, index) => {
    const device = await enrolFleetDevice(config, index, enroller);
    count += 1;
    report({ type: 'enrolled', count, of: config.devices });
    return device;
  });
  const fleet = await Promise.all(enrolled);
  report({ type: 'prefetched', devices: fleet.length, tokens: fleet.reduce((sum, { tokens }) => sum + tokens, 0) });
  return fleet;
}

interface FleetRound {
  readonly fleet: readonly FleetDevice[];
  readonly trainingOf: TrainingOf;
  readonly evaluationOf: EvaluationOf;
  readonly round: OpenRound;
  readonly position: number;
}

async function playRound(config: FleetConfig, play: FleetRound, { report }: FleetPorts): Promise<void> {
  const { fleet, trainingOf, evaluationOf, position } = play;
  const { epoch, slot, record } = play.round;
  const tally = new Tally();
  const turns = fleet.map(async (one) => {
    const { kind, isHonest } = roleOf(one.index, config);
    if (isHonest) await tally.count(one.device.participate(trainingOf(one), { evaluate: evaluationOf(one) }));
    if (kind !== undefined) report({ type: 'misbehaved', kind, slot, code: await misbehave(kind, one, play.round) });
  });
  await Promise.all(turns);
  const purpose = record.evaluation === undefined ? {} : ({ evaluation: true } as const);
  report({ type: 'round', position, epoch, slot, ...purpose, ...tally.counts });
}

async function misbehave(kind: MisbehaviourKind, device: FleetDevice, round: OpenRound): Promise<string | null> {
  try {
    return await MISBEHAVIOURS[kind](device, round);
  } catch (error) {
    return error instanceof ClientError ? error.code : 'connection_lost';
  }
}

/** Counts devices by how their round ended. */
class Tally {
  #accepted = 0;
  readonly #refused: Record<string, number> = {};
  readonly #skipped: Record<string, number> = {};
  readonly #failed: Record<string, number> = {};

  get counts(): RoundTally {
    return { accepted: this.#accepted, refused: this.#refused, skipped: this.#skipped, failed: this.#failed };
  }

  async count(participation: Promise<Participation>): Promise<void> {
    try {
      const result = await participation;
      if (result.outcome === 'accepted') this.#accepted += 1;
      else if (result.outcome === 'refused') addOne(this.#refused, result.code);
      else addOne(this.#skipped, result.reason);
    } catch (error) {
      addOne(this.#failed, error instanceof ClientError ? error.code : 'internal');
    }
  }
}

const addOne = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};
