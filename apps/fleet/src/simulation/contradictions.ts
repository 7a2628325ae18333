import { FED_BUFF, LearningError, maxCoordinate } from '#learning';
import { ProtocolError } from '#protocol';

import { processContradictions } from './processes/contradictions.js';
import { privacyOf, type RunWish } from './run-settings.js';
import { STRATEGIES } from './strategies.js';
import { TASKS } from './tasks.js';

/** A field, and a sentence that says what is wrong with it. */
export type Contradiction = readonly [field: string, sentence: string];

/** What no field shows alone. */
export function contradictions(run: RunWish): Contradiction[] {
  const { devices, cohort = devices, rounds, quota = rounds, clip, scale, goal, untilGoal } = run;
  const problems: Contradiction[] = [];
  if (cohort > devices) problems.push(['cohort', `${cohort} of ${devices} devices cannot be asked`]);
  if (cohort * rounds > devices * quota) {
    problems.push(['quota', `${devices} devices with ${quota} rounds each are not enough for ${cohort} in ${rounds}`]);
  }
  if (untilGoal && goal === undefined) problems.push(['untilGoal', 'There is no goal to end with']);
  refusal(
    () => maxCoordinate({ clip, scale }),
    (sentence) => problems.push(['scale', sentence]),
  );
  const ofStrategy = ofTheStrategy(run);
  if (ofStrategy.length > 0) return [...problems, ...ofTheTask(run), ...ofStrategy];
  const ofTransport =
    run.transport === 'processes'
      ? processContradictions({ ...run, privacy: privacyOf(run) })
      : memoryContradictions(run);
  return [...problems, ...ofTheTask(run), ...ofTransport];
}

function ofTheTask({ task, partition, attackers }: RunWish): Contradiction[] {
  const { isDigits } = TASKS[task];
  if (partition.kind === 'natural' && isDigits) {
    return [['partition', 'The digits do not say who wrote them: there is no natural partition of them']];
  }
  const isForDigits = attackers?.kind === 'backdoor' || attackers?.kind === 'label_flip';
  return !isDigits && isForDigits ? [['attackers', `${attackers.kind} is made for the digits`]] : [];
}

function ofTheStrategy(run: RunWish): Contradiction[] {
  const { strategy, privacy } = run;
  const problems: Contradiction[] = [];
  refusal(
    () => privacyOf(run),
    (sentence) => problems.push(['privacy', sentence]),
  );
  refusal(
    () => {
      const { aggregator, weightLevels } = STRATEGIES.make(strategy);
      if (privacy?.clipping !== undefined && weightLevels !== undefined) {
        problems.push(['privacy', `${strategy.name} and adaptive clipping exclude each other`]);
      }
      if (privacy !== undefined && aggregator.reads !== 'sum') {
        problems.push(['privacy', `Noise goes with strategies that average, which ${strategy.name} does not`]);
      }
    },
    (sentence) => problems.push(['strategy', sentence]),
  );
  if (strategy.name === 'QFedAvg') {
    problems.push(['strategy', 'QFedAvg needs the losses of the devices, which are not simulated']);
  }
  return problems;
}

/** What takes a clock, and devices that are somewhere. */
function memoryContradictions({ strategy, target }: RunWish): Contradiction[] {
  return [
    ...(target === undefined ? [] : ([['target', 'In memory a round ends by its deadline alone']] as const)),
    ...(strategy.name === FED_BUFF
      ? ([['strategy', `${FED_BUFF} is for devices at their own pace: it takes the transport processes`]] as const)
      : []),
  ];
}

function refusal(check: () => unknown, onRefusal: (sentence: string) => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof LearningError || error instanceof ProtocolError)) throw error;
    onRefusal(error.message);
  }
}
