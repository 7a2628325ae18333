import { decodeEntries, decodeLogLeaf, type KeyView, type TreeHeadReply, type UseCaseView } from '#protocol';

import { act, ask, upload } from '../../coordinator.js';
import { architectureOf } from './architecture.js';
import type { Draft } from './draft.js';
import { initialModel } from './initial-weights.js';
import { layoutOfDraft, roundsOf, useCaseOf } from './request.js';

/** On the way from a draft to rounds, in this order. */
export const STEPS = ['upload', 'draft', 'key', 'manifest', 'log', 'code', 'rounds'] as const;
export type Step = (typeof STEPS)[number];

/** What devices need, and nobody else: the code is shown once. */
export interface Launched {
  readonly useCase: string;
  readonly code: string;
  readonly rounds: number;
  readonly warnings: readonly string[];
}

const LOOK_MS = 250;
const PATIENCE_MS = 90_000;
const TILE = 256;
const DAY_S = 86_400;

/** @param reached  called with each step that is done @throws Error with a sentence for people */
export async function launch(draft: Draft, reached: (step: Step) => void): Promise<Launched> {
  const layout = layoutOfDraft(draft);
  const files = await filesOf(draft);
  reached('upload');
  const { id: useCase } = await act<{ id: string }>('POST', '/v1/use-cases', { ...useCaseOf(draft, layout), ...files });
  reached('draft');
  await live(useCase, reached);
  const { code } = await act<{ code: string }>('POST', `/v1/use-cases/${useCase}/enrolment-codes`, {
    uses: Number(draft.devices),
    expiresInSeconds: Math.round(Number(draft.validDays) * DAY_S),
  });
  reached('code');
  const { rounds, warnings } = await act<{ rounds: string[]; warnings: string[] }>(
    'POST',
    `/v1/use-cases/${useCase}/rounds`,
    roundsOf(draft),
  );
  reached('rounds');
  return { useCase, code, warnings, rounds: rounds.length };
}

/** What is described and not uploaded gets its first weights here. */
async function filesOf(draft: Draft): Promise<{ initialModel: string; topology?: string }> {
  const { model, uploaded } = draft;
  if (model === 'file') return { initialModel: uploaded!.digest };
  const { layout, topology } = architectureOf({ ...draft, model });
  const digest = await upload(initialModel(layout));
  if (topology === null) return { initialModel: digest };
  return { initialModel: digest, topology: await upload(new TextEncoder().encode(JSON.stringify(topology))) };
}

/** The issuer makes a key, the coordinator signs, the log has both. */
async function live(useCase: string, reached: (step: Step) => void): Promise<void> {
  const path = `/v1/use-cases/${useCase}`;
  await until(async () => (await ask<UseCaseView>(path)).state === 'live' || (await hasKey(useCase)));
  reached('key');
  await until(async () => (await ask<UseCaseView>(path)).state === 'live');
  reached('manifest');
  await until(() => isLogged(useCase));
  reached('log');
}

const hasKey = async (useCase: string): Promise<boolean> =>
  (await ask<KeyView[]>(`/v1/keys?useCase=${encodeURIComponent(useCase)}`)).length > 0;

/** Whether a signed head covers the manifest: devices believe it from then on. New leaves are at the end. */
async function isLogged(useCase: string): Promise<boolean> {
  const head = await ask<TreeHeadReply>('/v1/log/head').catch(() => undefined);
  if (head === undefined || head.size === 0) return false;
  const last = Math.floor((head.size - 1) / TILE);
  for (const tile of [last, last - 1]) {
    if (tile < 0) continue;
    const response = await fetch(`/v1/log/entries/${tile}`, { cache: 'no-cache' });
    if (!response.ok) return false;
    const leaves = decodeEntries(new Uint8Array(await response.arrayBuffer())).map((leaf) => decodeLogLeaf(leaf));
    if (leaves.some((leaf) => leaf.kind === 'manifest' && leaf.useCase === useCase)) return true;
  }
  return false;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > end) {
      throw new Error(
        'The use case is drafted but not live yet: look at its page again, and at whether the issuer runs.',
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
