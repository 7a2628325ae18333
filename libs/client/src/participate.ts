import { proximalMu, type StrategyChoice } from '#learning';
import { clipOf, clippingOf, WITHIN_CLIP } from '#protocol';

import {
  findEligibleRound,
  findRoundAfterTraining,
  type EligibleRound,
  type ParticipationContext,
  type SkipReason,
} from './eligible-round.js';
import { ClientError } from './errors.js';
import { evaluateFor, isEvaluation } from './evaluate-round.js';
import type { OpenRound } from './open-round.js';
import {
  encodeUpdate,
  expectedReceipt,
  isWithinClip,
  prepareSubmission,
  type PreparedSubmission,
  type Trained,
} from './prepare-submission.js';
import { fetchModel } from './round-model.js';
import { isAsynchronous } from './staleness.js';
import { PASSING_REFUSALS, submissionDelay, submit, type SubmissionResult } from './submit.js';
import type { Wallet } from './wallet.js';

/** What an author's training is given. */
export interface TrainingInput {
  /** the round's parameters, float32, layout order; may be changed */
  readonly parameters: Float32Array;
  readonly round: { readonly epoch: number; readonly slot: number };
  /** FedProx's μ: add μ/2·‖w − parameters‖² to the loss (or see `pullTowards`); 0 with every other strategy */
  readonly proximalMu: number;
  /** the L2 norm that the change is cut down to before it leaves */
  readonly clip: number;
}
export type Train = (input: TrainingInput) => Promise<Trained> | Trained;

export type Participation =
  | (SubmissionResult & {
      /** its token was too new: time links it to this device. Only with `neverFetchAndSpend: false` */
      readonly fetchedAndSpent?: true;
      /** asynchronous tasks: versions that the model had moved on by */
      readonly staleness?: number;
      /** the round measured its model: no update went out, but figures */
      readonly evaluated?: true;
      /** which one it was for: an audit names it so */
      readonly round?: Pick<OpenRound, 'roundId' | 'epoch' | 'slot' | 'useNo'>;
    })
  | { readonly outcome: 'skipped'; readonly reason: SkipReason };

/**
 * Takes part in the round that is open, once. An update that was marked before a crash or a lost answer
 * is submitted again, byte for byte, and nothing is trained.
 *
 * A device without a token skips the round, and so does one whose token was fetched less than W before the
 * round opened ("never fetch and spend"): time alone would link the token to the device. With `fetchNow`
 * it does both, and says so.
 *
 * A round that measures its model is answered with the figures of `context.evaluate`, or sat out.
 *
 * In an asynchronous task rounds go on while it trains. Its update is for the round that is open afterwards, with
 * that round's token, and counts less by how many versions the model has moved on.
 */
export async function participate(context: ParticipationContext, wallet: Wallet, train: Train): Promise<Participation> {
  const begun = await findEligibleRound(context, wallet);
  if (typeof begun === 'string') return skipped(begun);
  if (!begun.isUnused) {
    const prepared = await markedBefore(context, wallet, begun);
    return prepared === undefined ? skipped('already_submitted') : submitInTime(context, wallet, begun, prepared);
  }
  if (isEvaluation(begun.round)) {
    const payload = await evaluateFor(context, begun.round);
    if (payload === undefined) {
      context.nothingFor?.add(begun.round.roundId);
      return skipped('no_evaluation');
    }
    return submitInTime(context, wallet, begun, await mark(context, wallet, begun, { payload, weightLevel: 0 }));
  }
  const update = await trainOn(context, begun.round, train);
  const chosen = isAsynchronous(context.pinned.manifest)
    ? await findRoundAfterTraining(context, wallet, begun.round)
    : begun;
  if (typeof chosen === 'string') return skipped(chosen);
  return submitInTime(context, wallet, chosen, await mark(context, wallet, chosen, update));
}

/** A trained update, before it is known which round it is for. */
interface Update {
  readonly payload: Uint8Array;
  readonly weightLevel: number;
}

async function trainOn(
  { platform, pinned, coordinator }: ParticipationContext,
  { epoch, slot, record }: OpenRound,
  train: Train,
): Promise<Update> {
  const { manifest } = pinned;
  const asker = { ...platform, http: platform.http.coordinator };
  const start = await fetchModel(asker, coordinator, record.modelDigest, manifest);
  const trained = await train({
    parameters: start.parameters.slice(),
    round: { epoch, slot },
    proximalMu: proximalMu(JSON.parse(manifest.strategy) as StrategyChoice),
    clip: clipOf(record, manifest),
  });
  const [result, weightLevel] =
    trained instanceof Float32Array ? [trained, 0] : [trained.parameters, trained.weightLevel];
  const scene = { manifest, record };
  const isAdaptive = clippingOf(manifest) !== undefined;
  // How stale an update is, or whether it was within the clip: the training has no say in what levels say there.
  const levels = isAdaptive || isAsynchronous(manifest) ? 1 : manifest.weightLevels.length;
  if (!(Number.isInteger(weightLevel) && weightLevel >= 0 && weightLevel < levels)) {
    throw new ClientError('bad_training', `weight level ${weightLevel}: training may choose among ${levels}`);
  }
  const isWithin = isAdaptive && isWithinClip(result, start.parameters, scene);
  const payload = encodeUpdate(result, start, scene, platform.random);
  return { payload, weightLevel: isWithin ? WITHIN_CLIP : weightLevel };
}

async function mark(
  { platform, pinned }: ParticipationContext,
  wallet: Wallet,
  { round, token, staleness }: EligibleRound,
  update: Update,
): Promise<PreparedSubmission> {
  const scene = { manifest: pinned.manifest, round };
  const prepared = prepareSubmission(platform.hashes, scene, token, {
    payload: update.payload,
    weightLevel: staleness ?? update.weightLevel,
  });
  await wallet.markUsed(round, prepared);
  return prepared;
}

async function markedBefore(
  { platform }: ParticipationContext,
  wallet: Wallet,
  { round, token }: EligibleRound,
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
  { round, isTooNew, staleness }: EligibleRound,
  prepared: PreparedSubmission,
): Promise<Participation> {
  const { clock, random, connect } = platform;
  await clock.sleep(submissionDelay(round.record.jitterMs, random));
  const result = await submit({ intake, connect, clock, random }, prepared);
  if (result.outcome === 'accepted') await wallet.settle(round, { receipt: result.receipt });
  else if (result.outcome === 'refused' && !PASSING_REFUSALS.has(result.code))
    await wallet.settle(round, { refused: result.code });
  const { roundId, epoch, slot, useNo } = round;
  return {
    ...result,
    round: { roundId, epoch, slot, useNo },
    ...(isTooNew ? { fetchedAndSpent: true } : {}),
    ...(staleness === undefined ? {} : { staleness }),
    ...(isEvaluation(round) ? { evaluated: true } : {}),
  };
}

const skipped = (reason: SkipReason): Participation => ({ outcome: 'skipped', reason });
