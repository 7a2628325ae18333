import { z } from 'zod';

import { Supervisor } from '#process';

import { CliError, EXIT } from '../cli-error.js';
import { jsonOrNothing } from '../json-or-nothing.js';
import type { Lifetime } from '../lifetime.js';

const number = z.number().nullable();
const Round = z.object({
  type: z.literal('round'),
  run: z.string(),
  round: z.int(),
  rounds: z.int(),
  accuracy: number,
  loss: number,
  attackSuccess: number,
  epsilon: number,
  accepted: z.int(),
  refused: z.record(z.string(), z.int()),
  abandoned: z.string().nullable(),
  seconds: number,
});
export type RoundTold = z.infer<typeof Round>;

const RunResult = z.looseObject({
  labels: z.record(z.string(), z.string()),
  rounds: z.array(z.looseObject({ accepted: z.number() })),
  accuracy: number,
  centralised: number,
  attackSuccess: number,
  epsilon: number,
  refused: z.number(),
  goalReached: number,
  goalSeconds: number,
  goalRatio: number,
  staleness: z.array(z.number()).nullable(),
  ended: z.string().nullable(),
  seconds: z.number(),
});

const MeanResult = RunResult.extend({ accuracies: z.array(z.number()) });
export type MeanResult = z.infer<typeof MeanResult>;

const ScenarioResult = z.looseObject({
  title: z.string(),
  axes: z.record(z.string(), z.array(z.string())),
  runs: z.array(RunResult),
  /** runs that differ in the seed alone, as one */
  means: z.array(MeanResult),
  files: z.array(z.string()),
});
export type ScenarioResult = z.infer<typeof ScenarioResult>;

/** What the simulation says, one JSON object a line; what it may say besides is nothing to us. */
const Report = z.discriminatedUnion('type', [
  Round,
  z.object({ type: z.literal('needs_deployment') }),
  z.object({ type: z.literal('done'), result: ScenarioResult }),
]);

export const NEEDS_DEPLOYMENT = 'needs_deployment';

export interface SimulationOptions {
  /** the simulation's own configuration, as JSON */
  readonly config: unknown;
  readonly onRound: (round: RoundTold) => void;
}

/**
 * Runs the fleet's simulation in a process of its own, until it has told everything or the command is to end.
 *
 * @returns NEEDS_DEPLOYMENT where it did nothing, because the scenario has runs through processes
 * @throws CliError with the sentence that the simulation ended on
 */
export async function runSimulation(
  lifetime: Lifetime,
  { config, onRound }: SimulationOptions,
): Promise<ScenarioResult | typeof NEEDS_DEPLOYMENT> {
  let stop = (): Promise<void> => Promise.resolve();
  const told = new Promise<ScenarioResult | typeof NEEDS_DEPLOYMENT>((resolve, reject) => {
    const words: string[] = [];
    const give = (): void => reject(new CliError(EXIT.failed, words.join('\n') || 'The simulation ended unasked.'));
    const supervisor = new Supervisor({
      onLine: (_, line) => {
        const report = Report.safeParse(jsonOrNothing(line)).data;
        if (report === undefined) words.push(line);
        else if (report.type === 'round') onRound(report);
        else resolve(report.type === 'done' ? report.result : NEEDS_DEPLOYMENT);
      },
      onCrash: give,
    });
    stop = () => supervisor.stopAll();
    lifetime.atEnd(stop);
    const module = new URL('../../../fleet/src/simulation/main.js', import.meta.url);
    const env = { STARLING_SIMULATION: JSON.stringify(config) };
    supervisor.start({ name: 'simulation', module, env, readyTimeoutMs: 60_000 }).catch(give);
  });
  try {
    return await Promise.race([lifetime.untilStopped(), told]);
  } finally {
    await stop();
  }
}
