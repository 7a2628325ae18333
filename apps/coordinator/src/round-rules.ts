import { leastCohort, maxCoordinate, noiseOnMean, type Strategies } from '#learning';
import { parameterCount, ProtocolError, type CreateUseCase, type ProtocolCode, type StartRounds } from '#protocol';
import type { UseCaseDrafts } from '#storage/keys';
import { epsilonOf, type ReleaseLedger } from '#storage/rounds';

/** What cannot work is refused when a round is started, and not when it is over. */
export class RoundRules {
  constructor(
    private readonly drafts: UseCaseDrafts,
    private readonly strategies: Strategies,
    private readonly ledger: ReleaseLedger,
  ) {}

  /**
   * @returns the use case's draft, and what its researcher should know first, in sentences
   * @throws ProtocolError `unknown_use_case`, `malformed_message`, `bad_strategy`, `budget_spent`
   */
  async check(
    useCase: string,
    { count, min, target, deadlineSeconds }: Pick<StartRounds, 'count' | 'min' | 'target' | 'deadlineSeconds'>,
  ): Promise<{ draft: CreateUseCase; warnings: string[] }> {
    const found = await this.drafts.find(useCase);
    if (found === undefined) throw new ProtocolError('unknown_use_case', 'No use case has this name.');
    const { kMin, epochSeconds, jitterMs, weightLevels, scale, clip, strategy } = found.draft;
    const refuse = (sentence: string, code: ProtocolCode = 'malformed_message'): never => {
      throw new ProtocolError(code, sentence);
    };
    if (min < kMin) refuse(`min must be at least ${kMin}: the manifest promises devices that they are never fewer.`);
    const least = leastCohort(this.strategies.make(strategy));
    if (min < least) refuse(`min must be at least ${least}: ${strategy.name} takes no fewer updates.`, 'bad_strategy');
    if (deadlineSeconds + jitterMs / 1000 + 5 >= epochSeconds) {
      refuse(`deadlineSeconds must leave room in an epoch of ${epochSeconds} s.`);
    }
    const largest = Math.floor(2 ** 53 / (Math.max(...weightLevels) * maxCoordinate({ scale, clip })));
    if (target > largest) refuse(`target must be at most ${largest}, or the sums of this use case might not be exact.`);
    return { draft: found.draft, warnings: await this.#checkPrivacy(useCase, found.draft, { count, min }) };
  }

  /** All that may still be released counts as released, each in an epoch of its own. */
  async #checkPrivacy(
    useCase: string,
    draft: CreateUseCase,
    { count, min }: Pick<StartRounds, 'count' | 'min'>,
  ): Promise<string[]> {
    const { privacy, scale, clip, encoding, slots, reuse } = draft;
    if (privacy === undefined) return [];
    const epochs = await this.ledger.epochs(useCase);
    const usesPerEpoch = Math.min(draft.quota ?? slots, slots) * reuse;
    const unfinished = await this.ledger.unfinished(useCase);
    const costOf = (more: number): number => epsilonOf(privacy, epochs, { usesPerEpoch, more: unfinished + more });
    if (costOf(count) > privacy.epsilonMax) {
      const left = mostWithin(count, (more) => costOf(more) <= privacy.epsilonMax);
      throw new ProtocolError(
        'budget_spent',
        `These rounds could cost ε ${costOf(count).toPrecision(3)} in all, and the budget is ${privacy.epsilonMax}: ${left} more can start.`,
      );
    }
    const dimension = parameterCount(draft);
    const noise = { grid: { scale, clip }, encoding, dimension, devices: min, sigma: privacy.noiseMultiplier };
    const { warning } = noiseOnMean(noise);
    return warning === null ? [] : [warning];
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
