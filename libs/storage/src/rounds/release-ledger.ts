import { participations, privacySpent } from '#learning';
import type { PrivacyTerms } from '#protocol';

import type { Client, Pool } from '../database/index.js';
import { keepTree, NoiseTrees, type TreeStep } from './noise-trees.js';

/** One released aggregate with noise. */
export interface Release {
  readonly epoch: number;
  /** noise multiplier */
  readonly sigma: number;
  /** what one update can change, grid units */
  readonly sensitivity: number;
  /** of all releases of the use case up to this one, at `delta` */
  readonly epsilon: number;
  readonly delta: number;
  /** where clipping is adaptive */
  readonly clipping?: ClipRelease;
  /** where its noise is a tree's */
  readonly tree?: TreeStep | undefined;
}

/** What is released beside the sum: `sigma` of the release is that of both together. */
export interface ClipRelease {
  /** noise multiplier of the sum alone */
  readonly sumSigma: number;
  /** deviation of the noise on how many updates were within the clip */
  readonly countNoise: number;
  /** the share of them, with noise */
  readonly unclipped: number;
  /** of the rounds that begin with this round's model */
  readonly nextClip: number;
}

/** What a use case has released, and what that cost: published rounds are its steps, one row each. */
export class ReleaseLedger {
  readonly trees: NoiseTrees;

  constructor(private readonly pool: Pool) {
    this.trees = new NoiseTrees(pool);
  }

  /** Epochs of the releases so far. */
  async epochs(useCase: string): Promise<number[]> {
    const { rows } = await this.pool.query<{ epoch: number }>(
      'select epoch from rounds.release where use_case = $1 order by released_at, round_id',
      [useCase],
    );
    return rows.map(({ epoch }) => epoch);
  }

  /** Rounds that may still become releases. */
  async unfinished(useCase: string): Promise<number> {
    const { rows } = await this.pool.query<{ n: number }>(
      "select count(*)::int as n from rounds.round where use_case = $1 and state in ('scheduled', 'open', 'frozen')",
      [useCase],
    );
    return rows[0]!.n;
  }

  /**
   * The seed of a round's noise: the first that was ever stored for it.
   *
   * @param fresh  32 bytes from the system's generator
   */
  async seed(roundId: string, fresh: Uint8Array): Promise<Uint8Array> {
    await this.pool.query('insert into rounds.noise (round_id, seed) values ($1, $2) on conflict do nothing', [
      roundId,
      fresh,
    ]);
    const { rows } = await this.pool.query<{ seed: Uint8Array }>('select seed from rounds.noise where round_id = $1', [
      roundId,
    ]);
    // Another worker published meanwhile: whatever is drawn now goes nowhere.
    return rows[0]?.seed ?? fresh;
  }
}

/** ε of releases in these epochs, and of `more` that may be in any. */
export const epsilonOf = (
  { noiseMultiplier, delta }: PrivacyTerms,
  epochs: readonly number[],
  { usesPerEpoch, more = 0 }: { readonly usesPerEpoch: number; readonly more?: number },
): number => {
  const count = participations(epochs, usesPerEpoch) + more;
  return privacySpent([{ mechanism: 'gaussian', sigma: noiseMultiplier, count }], delta).epsilon;
};

/** In the transaction that publishes. The round's digests of exact sums go: they would tell what the noise hides. */
export async function insertRelease(client: Client, roundId: string, useCase: string, release: Release): Promise<void> {
  const { epoch, sigma, sensitivity, epsilon, delta, clipping, tree } = release;
  const treeColumns = [tree?.before.number ?? null, tree?.step ?? null];
  await client.query(
    `insert into rounds.release (round_id, use_case, epoch, sigma, sensitivity, epsilon, delta,
                                 sum_sigma, count_noise, unclipped, next_clip_micros, tree, step)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [roundId, useCase, epoch, sigma, sensitivity, epsilon, delta, ...clipColumns(clipping), ...treeColumns],
  );
  if (tree !== undefined) await keepTree(client, useCase, tree);
  await client.query('delete from rounds.noise where round_id = $1', [roundId]);
}

const clipColumns = (clipping: ClipRelease | undefined): (number | null)[] =>
  clipping === undefined
    ? [null, null, null, null]
    : [clipping.sumSigma, clipping.countNoise, clipping.unclipped, Math.round(clipping.nextClip * 1e6)];
