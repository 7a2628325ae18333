import { setTimeout as sleep } from 'node:timers/promises';

import { nodePlatform } from '#client/node';
import type { RoundView } from '#protocol';

import type { Examples } from '../../data/index.js';
import type { EnrolmentPool } from '../../enrolment-pool.js';
import { enrolFleetDevice, type Enrolment, type FleetDevice } from '../../fleet-device.js';
import { watchRounds } from '../../round-watch.js';
import type { TrainingPool } from '../../training/index.js';
import type { Examiner } from '../examiner.js';
import { GOAL_REACHED, isGoalReached, type RoundMetrics } from '../metrics.js';
import { populate } from '../population.js';
import type { RunSettings } from '../run-settings.js';
import { Figures } from './figures.js';
import { liveAtOwnPace } from './own-pace.js';
import { Players } from './players.js';
import { ResearcherApi, type Deployment } from './researcher-api.js';
import { metricsOf } from './round-metrics.js';
import { createUseCase, planOf } from './use-case.js';

export interface ProcessPorts {
  readonly deployment: Deployment;
  readonly pool: Pick<TrainingPool, 'train'>;
  readonly enroller: Pick<EnrolmentPool, 'enrol'>;
}

/** How a run through processes ended. */
export interface ProcessEnd {
  readonly ended: string | null;
  readonly staleness: readonly number[];
}

const POLL_MS = 250;
/** A model's figures come a moment after it; rather none than no end. */
const FIGURES_MS = 60_000;

/** Runs the rounds in a real deployment: a use case of its own, devices with tokens and sockets, and the clock. */
export async function* runInProcesses(
  settings: RunSettings,
  { id, title, examiner, train, test }: ProcessRun,
  { deployment, pool, enroller }: ProcessPorts,
): AsyncGenerator<RoundMetrics, ProcessEnd> {
  const researcher = new ResearcherApi(deployment);
  const over = new AbortController();
  const fleet: FleetDevice[] = [];
  const machine = nodePlatform();
  try {
    const useCase = await createUseCase(settings, { id, title }, { researcher, test });
    const codes = await researcher.enrolmentCode(useCase, settings.devices);
    const enrolment = { ...deployment, useCase, codes, rounds: settings.rounds };
    fleet.push(...(await enrolAll(enrolment, { devices: settings.devices, enroller, signal: over.signal })));
    const players = new Players(settings, populate(settings, train), fleet, { pool, signal: over.signal });
    const openings = watchRounds(fleet[0]!.settings, machine, { report: () => undefined, signal: over.signal });
    const life = liveAtOwnPace(players.players(), openings, over.signal);
    const death = life.then(() => Promise.reject<never>(new Error('The devices are gone.')));
    death.catch(() => undefined); // whoever waits is told; after the end nobody does
    await researcher.startRounds(useCase, planOf(settings));
    const figures = new Figures(settings, researcher, examiner);
    for (let number = 1; number <= settings.rounds; number++) {
      const rounds = await Promise.race([untilSettled(researcher, useCase, number), death]);
      const round = rounds[number - 1]!;
      const metrics = metricsOf(settings, {
        ...{ round, first: rounds[0]!, devices: players.round(number), figures: await figures.of(round) },
      });
      yield metrics;
      if (isGoalReached(settings, metrics)) return { ended: GOAL_REACHED, staleness: players.staleness };
    }
    return { ended: null, staleness: players.staleness };
  } finally {
    over.abort();
    await researcher.endRounds(id).catch(() => undefined); // it may not have come so far; the deployment ends too
    for (const { platform } of [...fleet, { platform: machine }]) platform.close();
  }
}

export interface ProcessRun {
  /** of its use case */
  readonly id: string;
  readonly title: string;
  readonly examiner: Examiner;
  readonly train: Examples;
  readonly test: Examples;
}

const enrolAll = (
  enrolment: Enrolment,
  { devices, enroller, signal }: Pick<ProcessPorts, 'enroller'> & { devices: number; signal: AbortSignal },
): Promise<FleetDevice[]> =>
  Promise.all(Array.from({ length: devices }, (_, index) => enrolFleetDevice(enrolment, index, enroller, signal)));

/** @returns all rounds, once this one is over and its model is measured */
async function untilSettled(researcher: ResearcherApi, useCase: string, number: number): Promise<RoundView[]> {
  for (;;) {
    const rounds = await researcher.rounds(useCase);
    const { state, accuracy, publishedAt } = rounds[number - 1]!;
    if (state === 'abandoned') return rounds;
    const isMeasured = accuracy !== null || Date.now() - Date.parse(publishedAt ?? '') > FIGURES_MS;
    if (state === 'published' && isMeasured) return rounds;
    await sleep(POLL_MS);
  }
}
