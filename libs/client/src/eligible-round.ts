import { Backoff, type RetryPolicy } from './backoff.js';
import { isEvaluation, type Evaluate } from './evaluate-round.js';
import { believeRound, type ReadLog } from './log/index.js';
import { fetchOpenRound, type OpenRound } from './open-round.js';
import type { PinnedManifest } from './pinned-manifest.js';
import type { Platform } from './platform.js';
import { stalenessOf } from './staleness.js';
import type { StoredToken } from './wallet-state.js';
import { useOf, type Wallet } from './wallet.js';

/**
 * Why a device sat a round out:
 *   no_open_round     there is none now
 *   too_few_tokens    fewer tokens issued for its slot than the manifest's k_min: the crowd to hide in is too small
 *   no_token          none held for its slot; one is never fetched for a round that is open already
 *   token_too_new     it was fetched less than W before the round opened, or after
 *   already_submitted this device has had its answer for this round
 *   no_evaluation     it is to measure a model, and this device has no way or no data to; no token is spent
 *   too_stale         asynchronous: the model moved on too far during the training; no token is spent
 */
export type SkipReason =
  | 'no_open_round'
  | 'too_few_tokens'
  | 'no_token'
  | 'token_too_new'
  | 'already_submitted'
  | 'no_evaluation'
  | 'too_stale';

export interface ParticipationContext {
  readonly platform: Platform;
  readonly pinned: PinnedManifest;
  readonly log: ReadLog;
  readonly coordinator: string;
  readonly intake: string;
  /** Fetches what may still be issued, at once. Absent by default, and then there is no way from here to the issuer. */
  readonly fetchNow?: () => Promise<unknown>;
  /** absent where the device has nothing that it can measure a model on */
  readonly evaluate?: Evaluate;
  /** ids of rounds for which it turned out to have nothing: their model is not downloaded again */
  readonly nothingFor?: Set<string>;
}

/** A round that this device may take part in, and its token there. */
export interface EligibleRound {
  readonly round: OpenRound;
  readonly token: StoredToken;
  /** nothing was marked for it yet */
  readonly isUnused: boolean;
  /** fetched less than W before the round opened */
  readonly isTooNew: boolean;
  /** asynchronous: how stale the update is, and so what it counts */
  readonly staleness?: number;
}

/** The round that is open now, if this device may take part in it. */
export async function findEligibleRound(
  context: ParticipationContext,
  wallet: Wallet,
): Promise<EligibleRound | SkipReason> {
  const { platform, pinned, coordinator } = context;
  const round = await fetchOpenRound({ ...platform, http: platform.http.coordinator }, coordinator, pinned);
  // All devices ask the log the same, whatever they hold for this round.
  if (round === undefined || !(await believeRound(platform, context.log, { round, pinned }))) return 'no_open_round';
  if (round.record.issued < pinned.manifest.kMin) return 'too_few_tokens';
  const before = wallet.find(round);
  const isMarked = before !== undefined && useOf(before, round) !== undefined;
  const canMeasure = context.evaluate !== undefined && context.nothingFor?.has(round.roundId) !== true;
  if (isEvaluation(round) && !canMeasure && !isMarked) return 'no_evaluation';
  if (before === undefined) await context.fetchNow?.();
  const token = wallet.find(round);
  if (token === undefined) return 'no_token';
  const isTooNew = token.fetchedAt !== undefined && token.fetchedAt + round.record.jitterMs > round.openedAt;
  const isUnused = useOf(token, round) === undefined;
  if (isTooNew && isUnused && context.fetchNow === undefined) return 'token_too_new';
  return { round, token, isUnused, isTooNew };
}

/** Between two rounds there is none for a moment: publishing takes time, and a tree head. */
const BETWEEN_ROUNDS: RetryPolicy = { attempts: 30, baseMs: 250, capMs: 10_000 };

/** There is none, or one that measures a model: what was trained is for the one after it. */
const takesNoUpdate = (found: EligibleRound | SkipReason): boolean =>
  typeof found === 'string' ? found === 'no_open_round' || found === 'no_evaluation' : isEvaluation(found.round);

/**
 * Where an update goes when its training is over: to the round that is open then, or the next one. Asked before
 * anything of it was sent: no answer of intake leads here.
 */
export async function findRoundAfterTraining(
  context: ParticipationContext,
  wallet: Wallet,
  begun: OpenRound,
): Promise<EligibleRound | SkipReason> {
  const { platform, pinned, log } = context;
  const backoff = new Backoff(BETWEEN_ROUNDS, platform.random);
  let found = await findEligibleRound(context, wallet);
  for (let wait = backoff.next(); takesNoUpdate(found) && wait !== undefined; wait = backoff.next()) {
    await platform.clock.sleep(wait);
    found = await findEligibleRound(context, wallet);
  }
  if (takesNoUpdate(found)) return 'no_open_round';
  if (typeof found === 'string') return found;
  if (!found.isUnused) return 'already_submitted';
  const staleness = stalenessOf(log.history, begun, found.round);
  const isAllowed = staleness !== undefined && staleness < pinned.manifest.weightLevels.length;
  return isAllowed ? { ...found, staleness } : 'too_stale';
}
