import { encodingOf, LearningError, type Strategies } from '#learning';
import {
  encodeManifest,
  MOST_OF_ENCODING,
  encodingFields,
  parameterCount,
  PreviewUseCase,
  ProtocolError,
  treePlanOf,
  type PrivacyTerms,
  type UseCaseDraft,
  type UseCasePreview,
} from '#protocol';
import type { UseCaseDrafts } from '#storage/keys';
import { epsilonOf, treesEpsilon } from '#storage/rounds';

import { checkCohort, mostWithin, noiseOf, noiseWarnings } from './round-rules.js';
import { manifestOf, type Deployment } from './use-case-manifest.js';
import { checkNoise, privacyTerms, settleTask, TASK_RULES } from './use-case-rules.js';

interface PreviewPorts {
  readonly drafts: Pick<UseCaseDrafts, 'find'>;
  readonly strategies: Strategies;
}

type Problem = UseCasePreview['problems'][number];

/** What creating a use case would come to, by the rules that creating keeps, and without creating anything. */
export class UseCasePreviews {
  constructor(
    private readonly ports: PreviewPorts,
    private readonly deployment: Deployment,
  ) {}

  async preview(body: unknown): Promise<UseCasePreview> {
    const parsed = PreviewUseCase.safeParse(body);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
      return { ...NOTHING, problems };
    }
    const { rounds, cohort = parsed.data.kMin, ...wish } = parsed.data;
    const { id = 'preview', title = 'Preview', initialModel = '00'.repeat(32) } = wish;
    const task = { ...wish, id, title, initialModel };
    const findings = new Findings();
    if (wish.id !== undefined && (await this.ports.drafts.find(wish.id)) !== undefined)
      findings.problems.push({ field: 'id', message: `A use case with the id ${wish.id} exists already.` });
    const strategy = findings.of('strategy', () => this.ports.strategies.make(task.strategy));
    for (const { field, check } of TASK_RULES) if (strategy) findings.of(field, () => check(task, strategy));
    const privacy = findings.of('privacy.clipping', () => privacyTerms(task));
    const settled = findings.of('', () => settleTask(task, this.ports.strategies), { isKnown: true });
    const draft: UseCaseDraft = { ...task, weightLevels: settled?.weightLevels ?? [1], quota: settled?.quota, privacy };
    this.#checkWhole(findings, draft, cohort);
    return { ...findings, ...figures(findings, { draft, cohort, rounds }) };
  }

  #checkWhole(findings: Findings, draft: UseCaseDraft, cohort: number): void {
    const keyed = { draft, suite: draft.suite, publicKey: new Uint8Array(32), useCase: draft.id, now: 0 };
    findings.of(fieldOfManifest(draft), () => encodeManifest(manifestOf(keyed, this.deployment)));
    findings.of('privacy.noiseMultiplier', () => checkNoise(draft));
    if (cohort < draft.kMin) {
      findings.problems.push({
        field: 'cohort',
        message: `A round has at least ${draft.kMin} devices: the manifest promises it.`,
      });
    }
    // A strategy that there is not has been found already.
    if (findings.problems.every(({ field }) => field !== 'strategy'))
      findings.of('kMin', () => checkCohort(draft, this.ports.strategies, { min: draft.kMin, target: cohort }));
  }
}

const NOTHING: UseCasePreview = {
  problems: [],
  warnings: [],
  epsilonByRound: [],
  noiseToSignal: null,
  bytesPerUpdate: null,
  tokensPerDevice: null,
  parameters: null,
};

/** Each rule is tried, also after one did not hold. */
class Findings {
  readonly problems: Problem[] = [];

  /** @param isKnown  what does not hold has been said, and is not said again */
  of<T>(field: string, work: () => T, { isKnown = false } = {}): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ProtocolError) && !(error instanceof LearningError)) throw error;
      if (!isKnown) this.problems.push({ field, message: error.message });
      return undefined;
    }
  }
}

/** What a researcher changes where no manifest can say the task. */
function fieldOfManifest({ clip, scale, encoding, layout, batch, slots }: UseCaseDraft): string {
  if (clip * scale > MOST_OF_ENCODING[encodingFields(encoding).encoding]!) return 'scale';
  if (typeof encoding === 'object' && encoding.topK > parameterCount({ layout })) return 'encoding';
  return batch > slots ? 'batch' : 'layout';
}

interface Plan {
  readonly draft: UseCaseDraft;
  readonly cohort: number;
  readonly rounds: number;
}

function figures(findings: Findings, { draft, cohort, rounds }: Plan): Omit<UseCasePreview, 'problems'> {
  const { privacy, slots, encoding } = draft;
  const parameters = parameterCount(draft);
  const epsilonByRound = privacy === undefined ? [] : epsilons(draft, privacy, rounds);
  const last = epsilonByRound.at(-1) ?? 0;
  if (privacy !== undefined && last > privacy.epsilonMax)
    findings.problems.push(overBudget(epsilonByRound, privacy.epsilonMax));
  // Without a length, or on a grid that is none, there is no noise to speak of.
  const noise = privacy && findings.of('', () => noiseOf(draft, privacy, cohort), { isKnown: true });
  return {
    warnings: privacy && noise ? noiseWarnings(draft, privacy, draft.kMin) : [],
    epsilonByRound,
    noiseToSignal: noise?.shareOfClip ?? null,
    bytesPerUpdate: findings.of('', () => encodingOf(encoding, parameters).payloadLength, { isKnown: true }) ?? null,
    tokensPerDevice: Math.min(draft.quota ?? slots, slots),
    parameters,
  };
}

function overBudget(epsilonByRound: readonly number[], epsilonMax: number): Problem {
  const left = mostWithin(epsilonByRound.length, (n) => epsilonByRound[n - 1]! <= epsilonMax);
  const cost = epsilonByRound.at(-1)!.toPrecision(3);
  return {
    field: 'privacy.epsilonMax',
    message: `These rounds could cost ε ${cost} in all, and the budget is ${epsilonMax}: ${left} can start.`,
  };
}

/** As when rounds are started: each in an epoch of its own, and a tree counts whole from its beginning. */
function epsilons({ slots, reuse, quota }: UseCaseDraft, privacy: PrivacyTerms, rounds: number): number[] {
  const tree = treePlanOf(privacy);
  const usesPerEpoch = Math.min(quota ?? slots, slots) * reuse;
  const costs = new Map<number, number>();
  const costOf = (more: number): number => {
    const cost =
      costs.get(more) ??
      (tree === undefined
        ? epsilonOf(privacy, [], { usesPerEpoch, more })
        : treesEpsilon(privacy, tree, { trees: [], whole: { slots, more } }));
    costs.set(more, cost);
    return cost;
  };
  const leaves = tree === undefined ? 1 : tree.epochs * slots;
  return Array.from({ length: rounds }, (_, i) => costOf(Math.ceil((i + 1) / leaves)));
}
