import { randomBytes } from 'node:crypto';

import { crashPoint } from '#crash-point';
import { encodingOf, SEED_BYTES, sensitivity, sumMultiplier, type Strategies, type StrategyChoice } from '#learning';
import { parameterCount, WITHIN_CLIP } from '#protocol';
import { newBodyId, type BodyStore } from '#storage/bodies';
import { epsilonOf, type FrozenRound, type Partial, type ReleaseLedger, type RoundResults } from '#storage/rounds';

import type { Arithmetic, FoldTask } from './arithmetic.js';
import { FIGURES_TASK, figuresPrivacy, isEvaluation, publishFigures, type Private } from './evaluation-round.js';
import { releaseClip } from './release-clip.js';
import { forgetSums, treeRelease, treeStep } from './tree-release.js';
import { normQuantiles } from './update-norms.js';
import { JobError } from './why-it-failed.js';

/** Submissions that one job sums. Small enough to lose little by a crash, large enough to be worth a job. */
const SHARD_SIZE = 32;

/** The fold jobs of a round: for a strategy that reads its updates side by side, or is not there, one. */
export function shardsOf(strategies: Strategies, choice: StrategyChoice, updates: number): number {
  const isSum = strategies.names.includes(choice.name) && strategies.make(choice).aggregator.reads === 'sum';
  return isSum ? Math.ceil(updates / SHARD_SIZE) : 1;
}

export interface FolderPorts {
  readonly results: RoundResults;
  readonly ledger: ReleaseLedger;
  readonly bodies: BodyStore;
  readonly arithmetic: Arithmetic;
  readonly bodiesDirectory: string;
  readonly modelsDirectory: string;
  /** told of each shard that counts, for those who watch the process */
  readonly onFolded?: (shard: { readonly updates: number; readonly bytes: number }) => void;
}

/** From the frozen list to the next model. Every step may run twice and counts once. */
export class RoundFolder {
  constructor(private readonly ports: FolderPorts) {}

  /** Sums shard i, unless it is summed already. */
  async fold(roundId: string, shard: number): Promise<void> {
    const { results, arithmetic, bodies, bodiesDirectory } = this.ports;
    const round = await results.find(roundId);
    if (round === undefined) return;
    if ((await results.partials(roundId)).some((partial) => partial.shard === shard)) return;

    const size = round.shards === 1 ? round.accepted : SHARD_SIZE;
    const slice = await results.slice(roundId, shard * size, (shard + 1) * size);
    crashPoint('worker-folding');
    const fileId = newBodyId();
    const submissions = slice.map(({ bodyId, payloadDigest, weightLevel }) => ({
      bodyId,
      payloadDigest,
      weight: isEvaluation(round) ? 1 : round.weightLevels[weightLevel]!,
    }));
    // What a private task gives away is accounted for, and a quantile of norms would not be. Figures have none.
    const measures = round.privacy === null && !isEvaluation(round);
    const { squaredNorms = null, ...folded } = await arithmetic.fold({
      bodies: bodiesDirectory,
      submissions,
      fileId,
      measures,
      ...taskOf(round),
    });
    crashPoint('worker-summed');
    const counts = await results.addPartial(roundId, { shard, fileId, squaredNorms, ...folded });
    crashPoint('worker-partial-stored');
    if (!counts) return bodies.delete(fileId);
    const { payloadLength } = encodingOf(taskOf(round).encoding, taskOf(round).dimension);
    this.ports.onFolded?.({ updates: slice.length, bytes: slice.length * payloadLength });
  }

  /** Adds the partial sums up and publishes the next model, or what devices found of one. */
  async publish(roundId: string): Promise<void> {
    const { results } = this.ports;
    const round = await results.find(roundId);
    if (round === undefined) return;
    if (round.accepted > round.issued) {
      return results.fail(
        roundId,
        `It has ${round.accepted} updates for ${round.issued} issued tokens: somebody made tokens of their own.`,
      );
    }
    const partials = await results.partials(roundId);
    if (partials.length !== round.shards) throw new JobError(`${partials.length} of ${round.shards} shards are summed`);
    const privacy = await this.#privacy(round);
    if (privacy !== null && privacy.release.epsilon > round.privacy!.epsilonMax) {
      return results.fail(
        roundId,
        `Its release would cost ε ${privacy.release.epsilon.toPrecision(3)} in all, above the budget.`,
      );
    }
    crashPoint('worker-partials-read');
    return isEvaluation(round)
      ? publishFigures(this.ports, round, { partials, privacy })
      : this.#publishModel(round, { partials, privacy });
  }

  async #publishModel(
    round: FrozenRound,
    { partials, privacy }: { readonly partials: readonly Partial[]; readonly privacy: Private | null },
  ): Promise<void> {
    const { results, arithmetic, bodies, bodiesDirectory, modelsDirectory } = this.ports;
    const { submissions, tree, ...published } = await arithmetic.combine({
      ...taskOf(round),
      bodies: bodiesDirectory,
      models: modelsDirectory,
      partials,
      modelIn: round.modelIn,
      optimizerState: round.optimizerState,
      noise: privacy?.noise ?? null,
    });
    if (submissions !== round.accepted) throw new JobError(`${submissions} of ${round.accepted} updates were summed`);
    crashPoint('worker-model-made');
    const release = privacy === null ? undefined : { ...privacy.release, tree: treeStep(privacy.noise, tree) };
    const isPublished = await results.publish(
      round,
      { ...published, release, normQuantiles: quantilesOf(round, partials) },
      parameterCount(round),
    );
    crashPoint('worker-published');
    await forgetSums(bodies, release?.tree, isPublished);
  }

  /** The noise of a private round, drawn from the one seed that it ever has, and what its release will have cost. */
  async #privacy(round: FrozenRound): Promise<Private | null> {
    const { ledger, results } = this.ports;
    const { id, useCase, epoch, privacy, usesPerEpoch } = round;
    if (privacy === null) return null;
    if (isEvaluation(round)) return figuresPrivacy(ledger, { id, useCase, epoch, privacy, usesPerEpoch });
    const tree = await treeRelease(ledger.trees, round, privacy);
    if (tree !== null) return tree;
    const { noiseMultiplier: sigma, delta, clipping } = privacy;
    const epochs = [...(await ledger.epochs(useCase)), epoch];
    const moves = sensitivity(round, parameterCount(round), Math.max(...round.weightLevels), round.encoding);
    const seed = await ledger.seed(id, randomBytes(SEED_BYTES));
    const release = { epoch, sigma, sensitivity: moves, epsilon: epsilonOf(privacy, epochs, { usesPerEpoch }), delta };
    const noise = { deviation: sumMultiplier(sigma, clipping) * moves, seed };
    if (clipping === undefined) return { noise, release };
    const bits = { clip: round.clip, within: await results.countLevel(id, WITHIN_CLIP), updates: round.accepted };
    return { noise, release: { ...release, clipping: releaseClip(bits, { sigma, clipping, seed }) } };
  }
}

/** Null where an update was not measured. */
function quantilesOf({ scale }: FrozenRound, partials: readonly Partial[]): number[] | null {
  const squares = partials.flatMap(({ squaredNorms }) => squaredNorms ?? []);
  return partials.every(({ squaredNorms }) => squaredNorms !== null) ? normQuantiles(squares, scale) : null;
}

const taskOf = (round: FrozenRound): Pick<FoldTask, 'grid' | 'encoding' | 'dimension' | 'strategy'> =>
  isEvaluation(round)
    ? FIGURES_TASK
    : {
        grid: { scale: round.scale, clip: round.clip },
        encoding: round.encoding,
        dimension: parameterCount(round),
        strategy: round.strategy,
      };
