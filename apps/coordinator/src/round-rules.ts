import { leastCohort, maxCoordinate, type Strategies } from '#learning';
import { ProtocolError, type CreateUseCase, type ProtocolCode, type StartRounds } from '#protocol';
import type { UseCaseDrafts } from '#storage/keys';

/** What cannot work is refused when a round is started, and not when it is over. */
export class RoundRules {
  constructor(
    private readonly drafts: UseCaseDrafts,
    private readonly strategies: Strategies,
  ) {}

  /**
   * @returns the use case's draft
   * @throws ProtocolError `unknown_use_case`, `malformed_message`, `bad_strategy`
   */
  async check(
    useCase: string,
    { min, target, deadlineSeconds }: Pick<StartRounds, 'min' | 'target' | 'deadlineSeconds'>,
  ): Promise<CreateUseCase> {
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
    return found.draft;
  }
}
