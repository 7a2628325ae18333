import { leastCohort, maxCoordinate, noiseOnMean, sumMultiplier, type NoiseOnMean, type Strategies } from '#learning';
import {
  parameterCount,
  ProtocolError,
  treePlanOf,
  type PrivacyTerms,
  type ProtocolCode,
  type StartEvaluation,
  type StartRounds,
  type UseCaseDraft,
} from '#protocol';
import type { UseCaseDrafts } from '#storage/keys';
import { epsilonOf, type Models, type PlanTerms, type ReleaseLedger } from '#storage/rounds';

import { noiseOnFigures } from './noise-on-figures.js';
import { checkTreeRounds } from './tree-rules.js';

export interface RulePorts {
  readonly drafts: UseCaseDrafts;
  readonly strategies: Strategies;
  readonly models: Pick<Models, 'has' | 'newest'>;
  readonly ledger: ReleaseLedger;
}

/** What cannot work is refused when a round is started, and not when it is over. */
export class RoundRules {
  constructor(private readonly ports: RulePorts) {}

  /** @throws ProtocolError `unknown_use_case` */
  async find(useCase: string): Promise<UseCaseDraft> {
    const found = await this.ports.drafts.find(useCase);
    if (found === undefined) throw new ProtocolError('unknown_use_case', 'No use case has this name.');
    return found.draft;
  }

  /**
   * @returns the use case's draft, and what its researcher should know first, in sentences
   * @throws ProtocolError `unknown_use_case`, `malformed_message`, `bad_strategy`, `budget_spent`
   */
  async check(
    useCase: string,
    { count, min, target, deadlineSeconds }: Pick<StartRounds, 'count' | 'min' | 'target' | 'deadlineSeconds'>,
  ): Promise<{ draft: UseCaseDraft; warnings: string[] }> {
    const draft = await this.find(useCase);
    checkPlan(draft, { min, deadlineSeconds });
    checkCohort(draft, this.ports.strategies, { min, target });
    return { draft, warnings: await this.#checkPrivacy(useCase, draft, { count, min }) };
  }

  /**
   * The same of a round that measures a model, the newest where no version is named.
   *
   * @throws ProtocolError `unknown_use_case`, `not_found`, `malformed_message`, `budget_spent`
   */
  async checkEvaluation(
    useCase: string,
    { version, min, deadlineSeconds }: Pick<StartEvaluation, 'version' | 'min' | 'deadlineSeconds'>,
  ): Promise<{ draft: UseCaseDraft; version: number; warnings: string[] }> {
    const draft = await this.find(useCase);
    checkPlan(draft, { min, deadlineSeconds });
    const chosen = version ?? (await this.ports.models.newest(useCase)) ?? 0;
    if (!(await this.ports.models.has(useCase, chosen)))
      throw new ProtocolError('not_found', `This use case has no model version ${chosen}.`);
    const { privacy } = draft;
    if (privacy === undefined) return { draft, version: chosen, warnings: [] };
    if (treePlanOf(privacy) !== undefined)
      refuse(
        'With noise that cancels devices measure no models: what that gives away beside it is accounted for by nobody.',
      );
    await this.#checkReleases(useCase, draft, privacy, 1);
    return { draft, version: chosen, warnings: noiseOnFigures(privacy, min) };
  }

  /** @throws ProtocolError `not_found`, `malformed_message` */
  async checkTerms(useCase: string, draft: UseCaseDraft, { from, until }: PlanTerms): Promise<void> {
    if (from !== undefined && !(await this.ports.models.has(useCase, from))) {
      throw new ProtocolError('not_found', `This use case has no model version ${from}.`);
    }
    if (until !== undefined && (draft.topology === undefined || draft.evaluationSet === undefined)) {
      throw new ProtocolError(
        'malformed_message',
        'until needs models that are measured: this use case has no evaluation set, or no topology.',
      );
    }
  }

  async #checkPrivacy(
    useCase: string,
    draft: UseCaseDraft,
    { count, min }: Pick<StartRounds, 'count' | 'min'>,
  ): Promise<string[]> {
    const { privacy } = draft;
    if (privacy === undefined) return [];
    const tree = treePlanOf(privacy);
    if (tree !== undefined) await checkTreeRounds(this.ports.ledger, { ...draft, privacy }, tree, count);
    else await this.#checkReleases(useCase, draft, privacy, count);
    return noiseWarnings(draft, privacy, min);
  }

  /** All that may still be released counts as released, each in an epoch of its own. */
  async #checkReleases(
    useCase: string,
    { slots, reuse, quota }: UseCaseDraft,
    privacy: PrivacyTerms,
    count: number,
  ): Promise<void> {
    const epochs = await this.ports.ledger.epochs(useCase);
    const usesPerEpoch = Math.min(quota ?? slots, slots) * reuse;
    const unfinished = await this.ports.ledger.unfinished(useCase);
    const costOf = (more: number): number => epsilonOf(privacy, epochs, { usesPerEpoch, more: unfinished + more });
    if (costOf(count) > privacy.epsilonMax) {
      const left = mostWithin(count, (more) => costOf(more) <= privacy.epsilonMax);
      throw new ProtocolError(
        'budget_spent',
        `These rounds could cost ε ${costOf(count).toPrecision(3)} in all, and the budget is ${privacy.epsilonMax}: ${left} more can start.`,
      );
    }
  }
}

/** Whether so many updates make a model, and an exact sum. @throws ProtocolError `bad_strategy`, `malformed_message` */
export function checkCohort(
  { weightLevels, scale, strategy, privacy, clip: fixedClip }: UseCaseDraft,
  strategies: Strategies,
  { min, target }: Pick<StartRounds, 'min' | 'target'>,
): void {
  const clip = privacy?.clipping?.maxClip ?? fixedClip;
  const least = leastCohort(strategies.make(strategy));
  if (min < least) refuse(`min must be at least ${least}: ${strategy.name} takes no fewer updates.`, 'bad_strategy');
  // Half of the room where noise comes on top.
  const room = privacy === undefined ? 2 ** 53 : 2 ** 52;
  const largest = Math.floor(room / (Math.max(...weightLevels) * maxCoordinate({ scale, clip })));
  if (target > largest) refuse(`target must be at most ${largest}, or the sums of this use case might not be exact.`);
}

/** The noise on the mean of so many devices. */
export function noiseOf(
  { scale, clip, encoding, layout }: UseCaseDraft,
  privacy: PrivacyTerms,
  devices: number,
): NoiseOnMean {
  const dimension = parameterCount({ layout });
  const sigma = sumMultiplier(privacy.noiseMultiplier, privacy.clipping);
  return noiseOnMean({ grid: { scale, clip }, encoding, dimension, devices, sigma });
}

/** Whether noise drowns what devices say: sentences. */
export const noiseWarnings = (draft: UseCaseDraft, privacy: PrivacyTerms, devices: number): string[] =>
  [noiseOf(draft, privacy, devices).warning, clipWarning(privacy, devices)].filter((sentence) => sentence !== null);

/** What holds for every round. @throws ProtocolError `malformed_message` */
export function checkPlan(
  { kMin, epochSeconds, jitterMs }: UseCaseDraft,
  { min, deadlineSeconds }: Pick<StartRounds, 'min' | 'deadlineSeconds'>,
): void {
  if (min < kMin) refuse(`min must be at least ${kMin}: the manifest promises devices that they are never fewer.`);
  if (deadlineSeconds + jitterMs / 1000 + 5 >= epochSeconds) {
    refuse(`deadlineSeconds must leave room in an epoch of ${epochSeconds} s.`);
  }
}

function refuse(sentence: string, code: ProtocolCode = 'malformed_message'): never {
  throw new ProtocolError(code, sentence);
}

/** More noise than this on the share of updates within the clip, and the clip goes where the noise does. */
const USEFUL_SHARE_NOISE = 0.25;

function clipWarning({ clipping }: PrivacyTerms, min: number): string | null {
  if (clipping === undefined || clipping.countNoise <= USEFUL_SHARE_NOISE * min) return null;
  const { countNoise } = clipping;
  return (
    `The noise on the share of updates within the clip is ${(countNoise / min).toPrecision(2)}: the clip will wander. ` +
    `At least ${Math.ceil(countNoise / USEFUL_SHARE_NOISE)} devices a round make it ${USEFUL_SHARE_NOISE}, or less countNoise.`
  );
}

/** The largest number below `limit` that fits, where all below one that fits do; 0 where none does. */
export function mostWithin(limit: number, fits: (n: number) => boolean): number {
  let [low, high] = [0, limit];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
