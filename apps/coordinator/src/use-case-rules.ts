import {
  LARGEST_DEVIATION,
  LearningError,
  sensitivity,
  sumMultiplier,
  type Strategies,
  type Strategy,
} from '#learning';
import {
  BIT_LEVELS,
  encodingFields,
  parameterCount,
  ProtocolError,
  settlePrivacy,
  type CreateUseCase,
  type PrivacyTerms,
  type UseCaseDraft,
} from '#protocol';

import { checkTree } from './tree-rules.js';

/**
 * What updates may weigh and how many tokens a device gets, where strategy and privacy let the task be.
 *
 * @throws ProtocolError `bad_strategy`
 */
export function settleTask(wish: CreateUseCase, strategies: Strategies): Pick<UseCaseDraft, 'weightLevels' | 'quota'> {
  const strategy = asProtocol(() => strategies.make(wish.strategy));
  for (const { check } of TASK_RULES) asProtocol(() => check(wish, strategy));
  return {
    weightLevels: weightLevelsOf(wish, strategy),
    quota: asProtocol(() => checkTree(wish, strategy)) ?? wish.quota,
  };
}

/** What a strategy cannot do is a researcher's mistake. @throws ProtocolError `bad_strategy` */
export function asProtocol<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LearningError)) throw error;
    throw new ProtocolError('bad_strategy', error.message);
  }
}

interface TaskRule {
  /** what to change where it does not hold */
  readonly field: string;
  /** @throws ProtocolError `bad_strategy`, LearningError */
  readonly check: (wish: CreateUseCase, strategy: Strategy) => void;
}

/** The privacy with nothing left open. @throws ProtocolError `bad_strategy` */
export const privacyTerms = ({ privacy, clip, scale, encoding, kMin }: CreateUseCase): PrivacyTerms | undefined =>
  settlePrivacy(privacy, { clip, scale, encoding: encodingFields(encoding).encoding, updates: kMin });

function weightLevelsOf(
  { strategy, weightLevels, privacy }: CreateUseCase,
  { weightLevels: own }: Strategy,
): readonly number[] {
  if (privacy?.clipping !== undefined) return BIT_LEVELS;
  if (own !== undefined && weightLevels !== undefined && weightLevels.join() !== own.join()) {
    throw new ProtocolError(
      'bad_strategy',
      `${strategy.name} says itself what updates weigh, ${own.join(', ')}: leave weightLevels out.`,
    );
  }
  return own ?? weightLevels ?? [1];
}

/** Noise is accounted for on a sum over a public number, to which every device adds so much at most; on nothing else. */
function checkPrivacy(
  { privacy, strategy, weightLevels = [1] }: CreateUseCase,
  { aggregator, weightLevels: own }: Strategy,
): void {
  if (privacy === undefined) return;
  if (own !== undefined && privacy.clipping !== undefined) {
    throw new ProtocolError(
      'bad_strategy',
      `${strategy.name} and adaptive clipping exclude each other: a weight level says how stale an update is there, and has no room for whether it was within the clip.`,
    );
  }
  if (aggregator.reads !== 'sum') {
    throw new ProtocolError(
      'bad_strategy',
      `${strategy.name} and privacy exclude each other: what such a rule gives away is accounted for by nobody. Take one that averages.`,
    );
  }
  if (own !== undefined && aggregator.fullWeight === undefined) {
    throw new ProtocolError(
      'bad_strategy',
      `${strategy.name} and privacy exclude each other: it divides by the weights of the updates, which are not public.`,
    );
  }
  if (own === undefined && (weightLevels.length > 1 || weightLevels[0] !== 1)) {
    throw new ProtocolError('bad_strategy', 'With privacy every update weighs 1: a heavier one would give away more.');
  }
}

/** Whether the largest noise that the task may ask for can be drawn exactly. */
export function checkNoise({ privacy, scale, clip, encoding, weightLevels, layout }: UseCaseDraft): void {
  if (privacy === undefined) return;
  const grid = { scale, clip: privacy.clipping?.maxClip ?? clip };
  const moves = sensitivity(grid, parameterCount({ layout }), Math.max(...weightLevels), encoding);
  const deviation = sumMultiplier(privacy.noiseMultiplier, privacy.clipping) * moves;
  if (deviation <= LARGEST_DEVIATION) return;
  const times = (deviation / LARGEST_DEVIATION).toPrecision(2);
  throw new ProtocolError(
    'bad_strategy',
    `The noise would be ${times} times as large as can be drawn exactly: take a smaller scale, or a smaller clip.`,
  );
}

/** Of sparse updates a coordinate has mostly zeros that say nothing; their median would be zero nearly everywhere. */
function checkSparse({ encoding, strategy }: CreateUseCase, { aggregator }: Strategy): void {
  if (typeof encoding !== 'object' || aggregator.reads === 'sum' || aggregator.comparesCoordinates !== true) return;
  throw new ProtocolError(
    'bad_strategy',
    `${strategy.name} and topK exclude each other: where few devices name a number, the rule takes it for zero. Take a strategy that averages, or int8.`,
  );
}

/** What strategy, privacy and encoding must be to each other, in the order in which they are said. */
export const TASK_RULES: readonly TaskRule[] = [
  { field: 'privacy', check: checkTree },
  { field: 'privacy', check: checkPrivacy },
  { field: 'encoding', check: checkSparse },
  { field: 'weightLevels', check: weightLevelsOf },
];
