import { timingSafeEqual } from 'node:crypto';

import { deriveTokenKeys, tokenHash } from '#credential';
import { crashPoint } from '#crash-point';
import type { Admission } from '#edge';
import {
  clipOf,
  decodeHeader,
  decodeInfo,
  decodeRoundRecord,
  encodeHeader,
  encodeInfo,
  equalBytes,
  MODE,
  ProtocolError,
  receiptMessage,
  transcript,
  type SubmissionHeader,
  type SubmitOpen,
} from '#protocol';
import type { IntakeRound, Submissions } from '#storage/intake';

import type { IntakeCounts } from './intake-counts.js';
import { hmacSha256, nodeHashes, sha256 } from './hashes.js';
import type { KeyRing, RedeemingKey } from './key-ring.js';
import { formOf } from './payload-form.js';
import type { Redeem } from './redemption.js';
import type { Tally } from './tally.js';
import type { Upload, OpenedSubmission } from './upload.js';
import type { Uploads } from './uploads.js';

export interface IntakePorts {
  readonly submissions: Submissions;
  readonly keys: KeyRing;
  readonly uploads: Uploads;
  /** headers that are looked up and redeemed at a time */
  readonly opening: Admission;
  readonly redeem: Redeem;
  readonly tally: Tally;
  /** for people who watch the process */
  readonly counts?: IntakeCounts;
}

export type Opened = { readonly receipt: Uint8Array } | { readonly permit: Uint8Array; readonly upload: Upload };

/** Admits updates, in order of cost: header, token, body, and one statement that makes it count. */
export class SubmissionIntake {
  constructor(
    private readonly ports: IntakePorts,
    private readonly audience: string,
  ) {}

  /** Step 1: a header of at most 1 kB and its MAC buy leave to upload. Nothing is stored yet. */
  open(sent: SubmitOpen): Promise<Opened> {
    const header = decodeHeader(sent.header);
    return this.ports.opening.during(() => this.#open(header, sent));
  }

  async #open(header: SubmissionHeader, sent: SubmitOpen): Promise<Opened> {
    const round = await this.ports.submissions.findRound(header.recordDigest);
    if (round === undefined) throw await this.#unknownRecord(header);
    return this.ports.tally.counting(round.id, () => this.#openIn(round, header, sent));
  }

  async #openIn(round: IntakeRound, header: SubmissionHeader, sent: SubmitOpen): Promise<Opened> {
    const { submissions, keys, uploads } = this.ports;
    const key = await keys.of(round);
    this.#compare(header, sent.header, round, key);
    if (!round.epochLive) throw epochRetired();

    const info = infoOf(round, key);
    const { useCase, epoch, id: roundId } = round;
    const use = { useCase, epoch, tokenHash: tokenHash(nodeHashes, info, header.token), useNo: header.useNo };
    const transcriptDigest = sha256(transcript(sent.header, sent.mac));
    const spent = await submissions.findSpent(use);
    if (spent !== undefined) {
      if (spent.receipt !== null && equalBytes(spent.transcriptDigest!, transcriptDigest))
        return { receipt: spent.receipt };
      throw tokenSpent();
    }
    if (!round.open) throw roundClosed();

    const { isEvaluation } = round;
    const clip = clipOf(decodeRoundRecord(round.record), key.manifest);
    const submission = { roundId, isEvaluation, clip, header, transcriptDigest, use, manifest: key.manifest };
    const { upload, permit, isNew } = uploads.open({ ...submission, ...(await this.#redeem(sent, header, info, key)) });
    if (isNew) this.#countNew(roundId, useCase);
    crashPoint('intake-permitted');
    return { permit, upload };
  }

  #countNew(roundId: string, useCase: string): void {
    this.ports.tally.add(roundId, 'submitted');
    this.ports.counts?.redeemed(useCase);
  }

  /** A record nobody knows: say why, as far as its claim can be told. */
  async #unknownRecord({ info }: SubmissionHeader): Promise<ProtocolError> {
    const { useCase, epoch } = decodeInfo(info);
    await this.ports.keys.checkUseCase(useCase);
    const firstLive = await this.ports.submissions.firstLiveEpoch(useCase);
    if (firstLive !== null && epoch < firstLive) return epochRetired();
    return new ProtocolError(
      'stale_model',
      'This is not the round (or not the model) that is open: fetch the round again.',
    );
  }

  /** Everything but what only the device knows is rebuilt from the round's row and compared byte by byte. */
  #compare(header: SubmissionHeader, bytes: Uint8Array, round: IntakeRound, key: RedeemingKey): void {
    const form = formOf(round, key.manifest);
    const { mode, encoding, weightLevel } = header;
    if (mode !== MODE.plain || encoding !== form.encoding || weightLevel >= form.weightLevels) {
      throw new ProtocolError(
        'unsupported_encoding',
        `This round takes plain updates of a listed weight level, and numbers as ${form.name}.`,
      );
    }
    if (header.payloadLength !== form.payloadLength) {
      throw new ProtocolError(
        'wrong_length',
        `An update of this round has ${form.payloadLength} bytes, not ${header.payloadLength}.`,
      );
    }
    const sealedSeed = new Uint8Array();
    const { useNo } = round;
    const rebuilt = encodeHeader({ ...header, audience: this.audience, info: infoOf(round, key), useNo, sealedSeed });
    if (!equalBytes(rebuilt, bytes)) {
      throw new ProtocolError(
        'malformed_message',
        'The header names another deployment, use case, epoch, slot or use than its round.',
      );
    }
  }

  /** The token is genuine if the header's MAC holds under the secret that only its owner and we can compute. */
  async #redeem(
    sent: SubmitOpen,
    { token }: SubmissionHeader,
    info: Uint8Array,
    { manifest, primaryKey }: RedeemingKey,
  ): Promise<Pick<OpenedSubmission, 'headerDigest' | 'receipt' | 'orderKey'>> {
    const prf = await this.ports.redeem({ suite: manifest.suite, primaryKey, info, token });
    const { macKey, receiptKey, orderKey } = deriveTokenKeys(nodeHashes, prf, info);
    const expected = hmacSha256(macKey, sent.header);
    if (sent.mac.length !== expected.length || !timingSafeEqual(expected, sent.mac)) {
      throw new ProtocolError('invalid_token', 'The token is not one of ours, or the MAC is not by its owner.');
    }
    const headerDigest = sha256(sent.header);
    return { headerDigest, receipt: hmacSha256(receiptKey, receiptMessage(headerDigest)), orderKey };
  }

  /** Step 2: one chunk. @returns the index wanted next */
  async chunk(upload: Upload, index: number, bytes: Uint8Array): Promise<number> {
    const wanted = await this.ports.uploads.push(upload, index, bytes);
    crashPoint('intake-chunk-written');
    return wanted;
  }

  /** Step 3: check the body, make it durable, and let it count. @returns the receipt, after the database has committed */
  commit(upload: Upload): Promise<Uint8Array> {
    upload.committing ??= this.#commit(upload).finally(() => (upload.committing = undefined));
    return this.ports.tally.counting(upload.submission.roundId, () => upload.committing!);
  }

  async #commit(upload: Upload): Promise<Uint8Array> {
    const { submissions, uploads } = this.ports;
    uploads.checkTime(upload);
    try {
      await upload.finish();
    } catch (error) {
      if (!isContentRefusal(error)) throw await uploads.giveUp(upload, error);
      const { use } = upload.submission;
      if (await submissions.countFailure(use)) this.ports.counts?.spent(use.useCase);
      await uploads.end(upload, { keepBody: false });
      throw error;
    }
    crashPoint('intake-body-durable');
    const accepted = await this.#accept(upload);
    if (accepted) {
      crashPoint('intake-accepted');
      await uploads.end(upload, { keepBody: true });
      return upload.submission.receipt;
    }
    return this.#notAccepted(upload);
  }

  async #accept(upload: Upload): Promise<boolean> {
    const { use, header, roundId, transcriptDigest, receipt, headerDigest, orderKey } = upload.submission;
    const { weightLevel, payloadDigest } = header;
    const doubted = upload.inDoubt;
    upload.inDoubt = true;
    const accepted = await this.ports.submissions.accept({
      ...use,
      roundId,
      transcriptDigest,
      receipt,
      headerDigest,
      orderKey,
      weightLevel,
      bodyId: upload.id,
      payloadDigest,
    });
    upload.inDoubt = doubted;
    if (accepted) this.ports.counts?.accepted(use.useCase, header.payloadLength);
    return accepted;
  }

  /** The statement stored nothing: this very submission counted before, or the token, the epoch or the round is gone. */
  async #notAccepted(upload: Upload): Promise<Uint8Array> {
    const { submissions, uploads } = this.ports;
    const { use } = upload.submission;
    const spent = await submissions.findSpent(use);
    if (spent?.receipt != null && equalBytes(spent.transcriptDigest!, upload.submission.transcriptDigest)) {
      // Its row may name this very body: an acceptance whose answer was lost. Garbage collection can tell.
      await uploads.end(upload, { keepBody: true });
      return spent.receipt;
    }
    await uploads.end(upload, { keepBody: false });
    if (spent !== undefined) throw tokenSpent();
    throw (await submissions.isLive(use)) ? roundClosed() : epochRetired();
  }
}

const infoOf = ({ useCase, epoch, slot }: IntakeRound, { manifest }: RedeemingKey): Uint8Array =>
  encodeInfo({ useCase, suite: manifest.suite, epoch, slot });

const isContentRefusal = (error: unknown): boolean =>
  error instanceof ProtocolError && ['digest_mismatch', 'out_of_range', 'norm_exceeded'].includes(error.code);

const epochRetired = (): ProtocolError =>
  new ProtocolError('epoch_retired', 'The epoch of this token is over, or was retired.');
const roundClosed = (): ProtocolError => new ProtocolError('round_closed', 'This round is not open any more.');
const tokenSpent = (): ProtocolError => new ProtocolError('token_spent', 'This token was spent before.');
