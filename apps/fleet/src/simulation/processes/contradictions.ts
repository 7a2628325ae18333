import { z } from 'zod';

import { FED_BUFF } from '#learning';
import { CreateUseCase } from '#protocol';

import type { RunSettings } from '../run-settings.js';
import { isBuffered, useCaseOf } from './use-case.js';

/** Each has keys, tokens and sockets of its own, and all share one machine with the servers. */
const MOST_DEVICES = 400;
/** As many as one plan of a use case has. */
const MOST_ROUNDS = 1000;

/** What cannot be done with real servers, real sockets and the clock, a sentence each. */
export function processContradictions(run: RunSettings): (readonly [field: string, sentence: string])[] {
  const { devices, rounds, cohort = devices, quota, target = cohort, attackers } = run;
  const rules: readonly (readonly [broken: boolean, field: string, sentence: string])[] = [
    [
      devices > MOST_DEVICES,
      'devices',
      `${devices} devices with keys, tokens and sockets of their own are more than one machine takes: ${MOST_DEVICES} at most`,
    ],
    [rounds > MOST_ROUNDS, 'rounds', `A use case starts ${MOST_ROUNDS} rounds at once at most`],
    [quota !== undefined, 'quota', 'Through processes every device has a token for every round: leave the quota out'],
    [target > cohort, 'target', `${target} updates cannot come of ${cohort} devices`],
    [
      attackers?.kind === 'little_is_enough',
      'attackers',
      'Through processes nobody sees the updates of a round before sending his own: attackers cannot collude',
    ],
    [isBuffered(run) && run.target === undefined, 'target', `${FED_BUFF} needs the size of its buffers`],
    [isBuffered(run) && run.cohort !== undefined, 'cohort', `With ${FED_BUFF} nobody is asked: everybody takes part`],
    [
      !isBuffered(run) && run.deadline === undefined && target > comers(run),
      'deadline',
      `Of ${cohort} devices asked ${comers(run)} bring in an update for sure: for ${target} a round needs a deadline`,
    ],
    [
      run.encoding !== 'int32' && attackers?.clip === false,
      'attackers',
      'What is longer than the clip is sent as int32: leave the encoding out',
    ],
    [
      run.trainingMs === 0 && (run.stragglers !== undefined || run.deadline !== undefined),
      'trainingMs',
      'Stragglers and deadlines are in trainings: say how many ms one takes',
    ],
  ];
  return [
    ...rules.filter(([broken]) => broken).map(([, field, sentence]) => [field, sentence] as const),
    ...ofTheUseCase(run),
  ];
}

/** How many of those who are asked send what intake takes, at least. */
function comers({ devices, cohort = devices, dropouts, attackers }: RunSettings): number {
  if (dropouts > 0) return 0;
  const refused = attackers?.clip === false ? Math.round(attackers.share * devices) : 0;
  return Math.max(0, cohort - refused);
}

/** The coordinator's own rules for what a use case is: it would refuse it otherwise. */
function ofTheUseCase(run: RunSettings): (readonly [string, string])[] {
  const parsed = CreateUseCase.safeParse(useCaseOf(run, { id: 'run', title: 'A run', digests: NONE }));
  return parsed.success ? [] : parsed.error.issues.map((issue) => [z.core.toDotPath(issue.path), issue.message]);
}

const NONE = { topology: '00'.repeat(32), initialModel: '00'.repeat(32), evaluationSet: '00'.repeat(32) };
