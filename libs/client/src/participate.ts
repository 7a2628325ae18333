import { ClientError } from './errors.js';
import { believeRound, type ReadLog } from './log/index.js';
import { fetchOpenRound, type OpenRound } from './open-round.js';
import type { PinnedManifest } from './pinned-manifest.js';
import type { Platform } from './platform.js';
import {
  encodeUpdate,
  expectedReceipt,
  prepareSubmission,
  type PreparedSubmission,
  type Trained,
} from './prepare-submission.js';
import { fetchModel } from './round-model.js';
import { PASSING_REFUSALS, submissionDelay, submit, type SubmissionResult } from './submit.js';
import type { StoredToken } from './wallet-state.js';
import { useOf, type Wallet } from './wallet.js';

/** What an author's training is given. */
export interface TrainingInput {
  /** the round's parameters, float32, layout order; may be changed */
  readonly parameters: Float32Array;
  readonly round: { readonly epoch: number; readonly slot: number };
}
export type Train = (input: TrainingInput) => Promise<Trained> | Trained;

/**
 * Why a device sat a round out:
 *   no_open_round     there is none now
 *   too_few_tokens    fewer tokens issued for its slot than the manifest's k_min: the crowd to hide in is too small
 *   no_token          none held for its slot; one is never fetched for a round that is open already
 *   token_too_new     it was fetched less than W before the round opened, or after
 *   already_submitted this device has had its answer for this round
 */
export type SkipReason = 'no_open_round' | 'too_few_tokens' | 'no_token' | 'token_too_new' | 'already_submitted';

export type Participation =
  | (SubmissionResult & {
      /** its token was too new: time links it to this device. Only with `neverFetchAndSpend: false` */
      readonly fetchedAndSpent?: true;
    })
  | { readonly outcome: 'skipped'; readonly reason: SkipReason };

export interface ParticipationContext {
  readonly platform: Platform;
  readonly pinned: PinnedManifest;
  readonly log: ReadLog;
  readonly coordinator: string;
  readonly intake: string;
  /** Fetches what may still be issued, at once. Absent by default, and then there is no way from here to the issuer. */
  readonly fetchNow?: () => Promise<unknown>;
}

/**
 * Takes part in the round that is open, once. An update that was marked before a crash or a lost answer
 * is submitted again, byte for byte, and nothing is trained.
 *
 * A device without a token skips the round, and so does one whose token was fetched less than W before the
 * round opened ("never fetch and spend"): time alone would link the token to the device. With `fetchNow`
 * it does both, and says so.
 */
export async function participate(context: ParticipationContext, wallet: Wallet, train: Train): Promise<Participation> {
  const { platform, pinned, coordinator } = context;
  const round = await fetchOpenRound({ ...platform, http: platform.http.coordinator }, coordinator, pinned);
  // All devices ask the log the same, whatever they hold for this round.
  if (round === undefined || !(await believeRound(platform, context.log, { round, pinned })))
    return skipped('no_open_round');
  if (round.record.issued < pinned.manifest.kMin) return skipped('too_few_tokens');
  if (wallet.find(round) === undefined) await context.fetchNow?.();
  const token = wallet.find(round);
  if (token === undefined) return skipped('no_token');
  const tooNew = token.fetchedAt !== undefined && token.fetchedAt + round.record.jitterMs > round.openedAt;
  const unused = useOf(token, round) === undefined;
  if (tooNew && unused && context.fetchNow === undefined) return skipped('token_too_new');
  const prepared = unused
    ? await trainAndMark(context, wallet, { round, token, train })
    : await markedBefore(context, wallet, { round, token });
  if (prepared === undefined) return skipped('already_submitted');
  const result = await submitInTime(context, wallet, round, prepared);
  return tooNew ? { ...result, fetchedAndSpent: true } : result;
}

interface RoundToken {
  readonly round: OpenRound;
  readonly token: StoredToken;
}

async function trainAndMark(
  { platform, pinned, coordinator }: ParticipationContext,
  wallet: Wallet,
  { round, token, train }: RoundToken & { readonly train: Train },
): Promise<PreparedSubmission> {
  const { manifest } = pinned;
  const { epoch, slot, record } = round;
  const asker = { ...platform, http: platform.http.coordinator };
  const parameters = await fetchModel(asker, coordinator, record.modelDigest, manifest);
  const trained = await train({ parameters: parameters.slice(), round: { epoch, slot } });
  const [result, weightLevel] =
    trained instanceof Float32Array ? [trained, 0] : [trained.parameters, trained.weightLevel];
  if (manifest.weightLevels[weightLevel] === undefined) {
    throw new ClientError(
      'bad_training',
      `weight level ${weightLevel}: the manifest has ${manifest.weightLevels.length}`,
    );
  }
  const payload = encodeUpdate(result, parameters, manifest, platform.random);
  const prepared = prepareSubmission(platform.hashes, { manifest, round }, token, { payload, weightLevel });
  await wallet.markUsed(round, prepared);
  return prepared;
}

async function markedBefore(
  { platform }: ParticipationContext,
  wallet: Wallet,
  { round, token }: RoundToken,
): Promise<PreparedSubmission | undefined> {
  const transcript = await wallet.inDoubt(round);
  if (transcript === undefined) return undefined;
  const { header } = transcript;
  return {
    ...transcript,
    receipt: expectedReceipt(platform.hashes, { prf: token.prf, info: round.record.info, header }),
  };
}

async function submitInTime(
  { platform, intake }: ParticipationContext,
  wallet: Wallet,
  round: OpenRound,
  prepared: PreparedSubmission,
): Promise<SubmissionResult> {
  const { clock, random, connect } = platform;
  await clock.sleep(submissionDelay(round.record.jitterMs, random));
  const result = await submit({ intake, connect, clock, random }, prepared);
  if (result.outcome === 'accepted') await wallet.settle(round, { receipt: result.receipt });
  else if (result.outcome === 'refused' && !PASSING_REFUSALS.has(result.code))
    await wallet.settle(round, { refused: result.code });
  return result;
}

const skipped = (reason: SkipReason): Participation => ({ outcome: 'skipped', reason });
