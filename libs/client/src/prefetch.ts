import { z } from 'zod';

import type { IssuerCode, SlotsReply } from '#protocol';

import { ask } from './ask.js';
import { ClientError } from './errors.js';
import { isCurrentEpoch } from './floors.js';
import { blindBatch, redeemBatch } from './issuance.js';
import type { IssuanceContext } from './issuance-context.js';
import type { BatchPlanner } from './prefetch-plan.js';
import type { Wallet } from './wallet.js';

const Window = z.object({ epoch: z.int().min(0).max(0xffff_fffe), nextSlot: z.int().min(0).max(0xffff) });

/** A round took a slot while a batch for it was under way: plan anew, but not for ever. */
const REPLANS = 3;

/** Refusals after which the same batch can never be answered, and whether its slots are gone with it. */
const FINAL: Partial<Record<string, { readonly charged: boolean }>> = {
  epoch_not_open: { charged: false },
  quota_exhausted: { charged: false },
  wrong_slot: { charged: false },
  malformed_element: { charged: false },
  malformed_message: { charged: false },
  slot_taken: { charged: true },
} satisfies Partial<Record<IssuerCode, { readonly charged: boolean }>>;
const REPLANNED: ReadonlySet<string> = new Set<IssuerCode>(['epoch_not_open', 'slot_taken']);

/**
 * Fetches tokens until there is nothing left to plan. A batch left
 * over from a crash or a lost answer is sent first, byte for byte the same, so nothing is charged twice.
 *
 * @returns how many tokens came in
 * @throws ClientError `malicious_issuer`, `refused`, `unreachable`, `malformed_reply`
 */
export async function prefetch(context: IssuanceContext, wallet: Wallet, planner: BatchPlanner): Promise<number> {
  const before = wallet.tokens.length;
  let replans = REPLANS;
  let window = await askWindow(context);
  await wallet.forgetBefore(window.epoch, context.pinned.manifest.reuse);
  const kept = Math.min(before, wallet.tokens.length);
  while (await plan(context, wallet, window, planner)) {
    try {
      await wallet.addTokens(await redeemBatch(context, wallet.pending!));
    } catch (error) {
      if (!(await giveUp(wallet, error)) || replans-- === 0) throw error;
      window = await askWindow(context);
    }
  }
  return wallet.tokens.length - kept;
}

/** Sees to it that a batch is pending; false when nothing is missing. */
async function plan(
  context: IssuanceContext,
  wallet: Wallet,
  window: SlotsReply,
  planner: BatchPlanner,
): Promise<boolean> {
  if (wallet.pending !== undefined) return true;
  const batch = planner(window, wallet.covered);
  if (batch === undefined) return false;
  await wallet.setPending(await blindBatch(context, batch));
  return true;
}

/** Drops a batch that was refused for good; true where another plan may do better. */
async function giveUp(wallet: Wallet, error: unknown): Promise<boolean> {
  const code = error instanceof ClientError ? error.refusal?.code : undefined;
  const final = code === undefined ? undefined : FINAL[code];
  if (code === undefined || final === undefined) return false;
  await wallet.dropPending(final);
  return REPLANNED.has(code);
}

/** Where issuance stands. The epoch follows from the manifest and the time: an issuer has no say in it. */
async function askWindow({ platform, pinned, issuer }: IssuanceContext): Promise<SlotsReply> {
  const url = `${issuer}/v1/use-cases/${pinned.manifest.useCase}/slots`;
  const window = await ask({ ...platform, http: platform.http.issuer }, () => ({ url }), Window);
  if (isCurrentEpoch(pinned.manifest, window.epoch, platform.clock.now())) return window;
  throw new ClientError(
    'malicious_issuer',
    `the issuer is in epoch ${window.epoch}, which is not now by this device's clock`,
  );
}
