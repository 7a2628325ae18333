import { LearningError, toDeviation, sensitivity, type Strategy } from '#learning';
import {
  parameterCount,
  ProtocolError,
  treePlanOf,
  type CreateUseCase,
  type PrivacyPlan,
  type TreePlan,
  type UseCaseDraft,
} from '#protocol';
import { treesEpsilon, type ReleaseLedger } from '#storage/rounds';

/** Leaves that a tree has at most. */
const MOST_STEPS = 2 ** 20;

/** All of a private task that is accounted for with the noise of trees; whatever else it may ask for is not. */
const FIELDS: ReadonlySet<string> = new Set([
  'noiseMultiplier',
  'delta',
  'epsilonMax',
  'mechanism',
  'separation',
  'epochs',
  'bands',
]);

const refuse = (sentence: string): never => {
  throw new ProtocolError('bad_strategy', sentence);
};

/**
 * What a task with the noise of a tree must be. Its quota follows: one token for each slot of a device's lane.
 *
 * @returns the quota to keep; undefined where the task has no tree
 * @throws ProtocolError `bad_strategy`, LearningError
 */
export function checkTree(
  { privacy, slots, quota, reuse, strategy, scale, clip, encoding, layout }: CreateUseCase,
  { weightLevels }: Pick<Strategy, 'weightLevels'>,
): number | undefined {
  const plan = privacy && treePlanOf(privacy);
  if (privacy === undefined || plan === undefined) return undefined;
  const { separation, epochs } = plan;
  const noise = nameOf(plan);
  if (weightLevels !== undefined) {
    refuse(`${strategy.name} and ${noise} exclude each other: its devices take part whenever they like.`);
  }
  const [other] = Object.entries(privacy).filter(([field, value]) => value !== undefined && !FIELDS.has(field));
  if (other !== undefined) {
    refuse(`${other[0]} and ${noise} exclude each other: the noise of its rounds must be alike.`);
  }
  if (slots % separation !== 0)
    refuse(`separation must divide the ${slots} slots of an epoch, and ${separation} does not.`);
  if (reuse !== 1) refuse(`With ${noise} a token is good for one round: leave reuse out.`);
  const lane = slots / separation;
  if (quota !== undefined && quota !== lane) {
    refuse(`With a separation of ${separation} a device gets ${lane} of ${slots} tokens: leave quota out.`);
  }
  if (epochs * slots > MOST_STEPS)
    refuse(`${epochs} epochs with ${slots} slots make more than ${MOST_STEPS} leaves of ${noise}.`);
  const epsilon = treesEpsilon(privacy, plan, { trees: [], whole: { slots, more: 1 } });
  if (epsilon > privacy.epsilonMax) {
    refuse(
      `All of ${noise} would cost ε ${epsilon.toPrecision(3)}, and the budget is ${privacy.epsilonMax}: ` +
        'take more noise, fewer epochs, fewer slots or a larger separation.',
    );
  }
  const deviation = privacy.noiseMultiplier * sensitivity({ scale, clip }, parameterCount({ layout }), 1, encoding);
  // Banded noise cannot pass 2^53: the largest σ over the largest grid is far below.
  if (plan.bands === undefined) checkHeight(epochs * slots, deviation);
  return lane;
}

const nameOf = ({ bands }: TreePlan): string => (bands === undefined ? 'the noise of a tree' : 'banded noise');

/** What `growTree` would find when it is too late. */
function checkHeight(steps: number, deviation: number): void {
  const { numerator, denominator } = toDeviation(deviation);
  if (steps * Math.SQRT2 * (numerator / denominator) * 45 > 2 ** 53) {
    throw new LearningError(
      'sum_overflow',
      `Noise of ${deviation} over ${steps} steps could pass 2^53: take a smaller scale.`,
    );
  }
}

/**
 * Refuses rounds that no tree would hold: neither the slots left of the one under way, nor those of the trees that the
 * budget has room for. A tree counts whole from its beginning.
 *
 * @throws ProtocolError `budget_spent`
 */
export async function checkTreeRounds(
  ledger: ReleaseLedger,
  { id, privacy, slots }: Pick<UseCaseDraft, 'id' | 'slots'> & { readonly privacy: PrivacyPlan },
  plan: TreePlan,
  count: number,
): Promise<void> {
  const live = await ledger.trees.now(id, plan);
  const released = await ledger.trees.releases(id);
  const trees = released.filter(({ number }) => number !== live?.number);
  const begun = live === undefined ? 0 : 1;
  const costOf = (more: number): number => treesEpsilon(privacy, plan, { trees, whole: { slots, more: begun + more } });
  const unfinished = await ledger.unfinished(id);
  let more = 0;
  const room = (): number => ((live?.epochsLeft ?? 0) + more * plan.epochs) * slots - unfinished;
  while (room() < count) {
    const epsilon = costOf(more + 1);
    if (epsilon > privacy.epsilonMax) {
      const left = `${Math.max(0, room())} more can start`;
      throw new ProtocolError(
        'budget_spent',
        `${left}: for more ${nameOf(plan)} would have to begin anew, which makes it ε ${epsilon.toPrecision(3)} in all, and the budget is ${privacy.epsilonMax}.`,
      );
    }
    more += 1;
  }
}
