import { leastCohort, maxCoordinate, noiseOnMean, type Strategies } from '#learning';
import {
  parameterCount,
  ProtocolError,
  treePlanOf,
  type PrivacyPlan,
  type ProtocolCode,
  type StartRounds,
  type UseCaseDraft,
} from '#protocol';
import type { UseCaseDrafts } from '#storage/keys';
import { epsilonOf, type Models, type PlanTerms, type ReleaseLedger } from '#storage/rounds';

import { checkTreeRounds } from './tree-rules.js';

export interface RulePorts {
  readonly drafts: UseCaseDrafts;
  readonly strategies: Strategies;
  readonly models: Pick<Models, 'has'>;
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
    const { kMin, epochSeconds, jitterMs, weightLevels, scale, clip, strategy } = draft;
    const refuse = (sentence: string, code: ProtocolCode = 'malformed_message'): never => {
      throw new ProtocolError(code, sentence);
    };
    if (min < kMin) refuse(`min must be at least ${kMin}: the manifest promises devices that they are never fewer.`);
    const least = leastCohort(this.ports.strategies.make(strategy));
    if (min < least) refuse(`min must be at least ${least}: ${strategy.name} takes no fewer updates.`, 'bad_strategy');
    if (deadlineSeconds + jitterMs / 1000 + 5 >= epochSeconds) {
      refuse(`deadlineSeconds must leave room in an epoch of ${epochSeconds} s.`);
    }
    const largest = Math.floor(2 ** 53 / (Math.max(...weightLevels) * maxCoordinate({ scale, clip })));
    if (target > largest) refuse(`target must be at most ${largest}, or the sums of this use case might not be exact.`);
    return { draft, warnings: await this.#checkPrivacy(useCase, draft, { count, min }) };
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
    const { privacy, scale, clip, encoding } = draft;
    if (privacy === undefined) return [];
    const tree = treePlanOf(privacy);
    if (tree !== undefined) await checkTreeRounds(this.ports.ledger, { ...draft, privacy }, tree, count);
    else await this.#checkReleases(useCase, draft, privacy, count);
    const dimension = parameterCount(draft);
    const noise = { grid: { scale, clip }, encoding, dimension, devices: min, sigma: privacy.noiseMultiplier };
    const { warning } = noiseOnMean(noise);
    return warning === null ? [] : [warning];
  }

  /** All that may still be released counts as released, each in an epoch of its own. */
  async #checkReleases(
    useCase: string,
    { slots, reuse, quota }: UseCaseDraft,
    privacy: PrivacyPlan,
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

/** The largest number below `limit` that fits, where all below one that fits do; 0 where none does. */
function mostWithin(limit: number, fits: (n: number) => boolean): number {
  let [low, high] = [0, limit];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
