import {
  bandedSensitivity,
  laneSensitivity,
  privacySpent,
  wholeBandedSensitivity,
  wholeTreeSensitivity,
  type GaussianRow,
} from '#learning';
import { treePlanOf, type PrivacyPlan, type TreePlan } from '#protocol';

import type { Client, Pool } from '../database/index.js';

/** What a tree has released. */
export interface TreeReleases {
  readonly number: number;
  /** leaves with data, ascending */
  readonly steps: readonly number[];
}

/** A tree that holds an epoch. */
export interface LiveTree {
  readonly number: number;
  readonly firstEpoch: number;
}

/** A tree as its next release finds it. Secret: who has it can take the noise off what comes, and off all so far together. */
export interface KeptTree extends LiveTree {
  /** leaves drawn */
  readonly steps: number;
  /** of the next leaf */
  readonly seed: Uint8Array;
  /** the sums that stand for the leaves so far; null where there are none */
  readonly sums: { readonly fileId: Uint8Array; readonly digest: Uint8Array } | null;
}

/** A release of a tree, and the tree after it. */
export interface TreeStep {
  readonly before: KeptTree;
  readonly step: number;
  readonly after: { readonly seed: Uint8Array; readonly fileId: Uint8Array; readonly digest: Uint8Array };
}

type Queryable = Pick<Pool | Client, 'query'>;

const BEGIN = `
  insert into rounds.tree (use_case, number, first_epoch, seed)
  select $1, 1 + greatest(0, max(number), (select max(tree) from rounds.release where use_case = $1)), $2, $4
    from rounds.tree where use_case = $1
  having not coalesce(bool_or(not ended and $2 < first_epoch + $3), false)
  on conflict do nothing`;

/** Trees of noise over the slots of private tasks; a banded factor's noise is kept like a tree's. */
export class NoiseTrees {
  constructor(private readonly pool: Queryable) {}

  /** The tree that holds this epoch, where there is one. */
  async live(useCase: string, { epochs }: TreePlan, epoch: number): Promise<LiveTree | undefined> {
    const { rows } = await this.pool.query<LiveTree>(
      `select number, first_epoch as "firstEpoch" from rounds.tree
        where use_case = $1 and not ended and $2 < first_epoch + $3 order by number desc limit 1`,
      [useCase, epoch, epochs],
    );
    return rows[0];
  }

  /** The tree that holds the epoch of now, and how many epochs it holds from it on. */
  async now(useCase: string, { epochs }: TreePlan): Promise<{ number: number; epochsLeft: number } | undefined> {
    const { rows } = await this.pool.query<{ number: number; epochsLeft: number }>(
      `select number, first_epoch + $2 - epoch as "epochsLeft"
         from rounds.tree cross join lateral (select keys.current_epoch($1) as epoch) c
        where use_case = $1 and not ended and epoch < first_epoch + $2 order by number desc limit 1`,
      [useCase, epochs],
    );
    return rows[0];
  }

  async releases(useCase: string): Promise<TreeReleases[]> {
    const { rows } = await this.pool.query<TreeReleases>(
      `select tree as number, array_agg(step order by step) as steps from rounds.release
        where use_case = $1 and tree is not null group by tree order by tree`,
      [useCase],
    );
    return rows;
  }

  /**
   * The tree that a release of this epoch belongs to. Where none holds it one begins there: its seed is stored before
   * anything is drawn from it.
   *
   * @param fresh  32 bytes from the system's generator
   */
  async at(useCase: string, { epochs }: TreePlan, epoch: number, fresh: Uint8Array): Promise<KeptTree> {
    await this.pool.query(BEGIN, [useCase, epoch, epochs, fresh]);
    const { rows } = await this.pool.query<Omit<KeptTree, 'sums'> & { fileId: Uint8Array | null; digest: Uint8Array }>(
      `select number, first_epoch as "firstEpoch", steps, seed, file_id as "fileId", digest from rounds.tree
        where use_case = $1 and not ended order by number desc limit 1`,
      [useCase],
    );
    const { fileId, digest, ...tree } = rows[0]!;
    return { ...tree, sums: fileId === null ? null : { fileId, digest } };
  }
}

/** ε of what these trees released, and of `more` whole ones. */
export function treesEpsilon(
  { noiseMultiplier, delta }: Pick<PrivacyPlan, 'noiseMultiplier' | 'delta'>,
  plan: TreePlan,
  {
    trees,
    whole = { slots: 0, more: 0 },
  }: {
    readonly trees: readonly TreeReleases[];
    readonly whole?: { readonly slots: number; readonly more: number };
  },
): number {
  const row = (moves: number, count: number): GaussianRow => ({
    mechanism: 'gaussian',
    sigma: noiseMultiplier / moves,
    count,
  });
  const rows = trees.map(({ steps }) => row(moved(plan, steps), 1));
  if (whole.more > 0) rows.push(row(movedAtMost(plan, plan.epochs * whole.slots), whole.more));
  return privacySpent(rows, delta).epsilon;
}

/** What one device can change in all that was drawn noise for, over what it can change in one round. */
const moved = ({ separation, bands }: TreePlan, steps: readonly number[]): number =>
  bands === undefined
    ? laneSensitivity({ steps, separation, length: steps.at(-1)! + 1 })
    : bandedSensitivity({ steps, separation });

const movedAtMost = ({ separation, bands }: TreePlan, length: number): number =>
  bands === undefined ? wholeTreeSensitivity(length, separation) : wholeBandedSensitivity(length, separation);

/** Why a round of this epoch would release nothing: a sentence; undefined where a tree holds it or may begin with it. */
export async function treeRefusal(
  client: Client,
  {
    useCase,
    privacy,
    slots,
    epoch,
  }: { readonly useCase: string; readonly privacy: PrivacyPlan | null; readonly slots: number; readonly epoch: number },
): Promise<string | undefined> {
  const plan = privacy === null ? undefined : treePlanOf(privacy);
  if (privacy === null || plan === undefined) return undefined;
  const known = new NoiseTrees(client);
  if ((await known.live(useCase, plan, epoch)) !== undefined) return undefined;
  const epsilon = treesEpsilon(privacy, plan, { trees: await known.releases(useCase), whole: { slots, more: 1 } });
  if (epsilon <= privacy.epsilonMax) return undefined;
  return `Its ${plan.bands === undefined ? 'tree of' : 'banded'} noise is over, and another would cost ε ${epsilon.toPrecision(3)} in all: the budget is ${privacy.epsilonMax}.`;
}

/** In the transaction that publishes: the tree goes on from this release, once. */
export async function keepTree(client: Client, useCase: string, { before, step, after }: TreeStep): Promise<void> {
  const { rowCount } = await client.query(
    `update rounds.tree set steps = $4, seed = $5, file_id = $6, digest = $7
      where use_case = $1 and number = $2 and steps = $3 and not ended`,
    [useCase, before.number, before.steps, step + 1, after.seed, after.fileId, after.digest],
  );
  // Another release came in between, or an end: the noise is drawn for what is not so any more.
  if (rowCount !== 1) throw new Error(`tree ${before.number} is not where it was when the noise was drawn`);
  await client.query(
    `update rounds.tree set ended = true, seed = null, file_id = null, digest = null
      where use_case = $1 and number < $2 and seed is not null`,
    [useCase, before.number],
  );
}
