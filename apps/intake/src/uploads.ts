import { timingSafeEqual } from 'node:crypto';

import type { Measure } from '#learning';
import { encodePermit, equalBytes, permitMessage, ProtocolError, type Permit } from '#protocol';
import { newBodyId, type BodyStore } from '#storage/bodies';

import { hmacSha256 } from './hashes.js';
import { Upload, type OpenedSubmission } from './upload.js';

export interface UploadLimits {
  readonly maxUploads: number;
  readonly maxBytesInFlight: number;
}

export interface UploadsPorts {
  readonly bodies: BodyStore;
  readonly permitKey: Uint8Array;
  /** unix ms */
  readonly now: () => number;
  /** how the check of the grid measures what arrives */
  readonly measure: Measure;
}

/** Wait before trying again when there is no room, ms. */
const BUSY_RETRY_MS = 500;
/** A full disk takes people to mend. */
const FULL_RETRY_MS = 2000;
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** The live uploads of this process: at most one a token use, each with a permit and a deadline. */
export class Uploads {
  readonly #byId = new Map<string, Upload>();
  readonly #byToken = new Map<string, Upload>();
  #bytesInFlight = 0;
  #isDraining = false;

  constructor(
    private readonly ports: UploadsPorts,
    private readonly limits: UploadLimits,
  ) {}

  /** A new upload, or the live one of the very same header: opening again resumes. */
  open(submission: OpenedSubmission): { upload: Upload; permit: Uint8Array; isNew: boolean } {
    const live = this.#liveOf(submission);
    if (this.#isDraining) throw new ProtocolError('overloaded', 'This process is stopping.', BUSY_RETRY_MS);
    if (live === undefined) {
      const upload = this.#create(submission);
      return { upload, permit: this.#permit(upload), isNew: true };
    }
    if (!equalBytes(live.submission.transcriptDigest, submission.transcriptDigest)) {
      const retryAfterMs = Math.max(0, live.expiresAt - this.ports.now());
      throw new ProtocolError('token_spent', 'This token is being spent on another update.', retryAfterMs);
    }
    return { upload: live, permit: this.#permit(live), isNew: false };
  }

  /** One whose permit is over is gone, though the sweep has not come yet: resuming it would lead nowhere. */
  #liveOf(submission: OpenedSubmission): Upload | undefined {
    const upload = this.#byToken.get(tokenOf(submission));
    if (upload === undefined || upload.expiresAt >= this.ports.now() || upload.committing !== undefined) return upload;
    // What it cannot delete now, the garbage collection will.
    void this.end(upload, { keepBody: false }).catch(() => undefined);
    return undefined;
  }

  #create(submission: OpenedSubmission): Upload {
    if (this.#byId.size >= this.limits.maxUploads) {
      throw new ProtocolError('overloaded', 'Too many uploads at once.', BUSY_RETRY_MS);
    }
    const { bodies, measure } = this.ports;
    const id = newBodyId();
    const expiresAt = this.ports.now() + submission.manifest.uploadDeadlineMs;
    const upload = new Upload(id, submission, expiresAt, { writer: bodies.create(id), measure });
    this.#byId.set(nameOf(id), upload);
    this.#byToken.set(tokenOf(submission), upload);
    return upload;
  }

  #permit({ id, expiresAt, submission }: Upload): Uint8Array {
    const mac = hmacSha256(this.ports.permitKey, permitMessage(submission.headerDigest, id, expiresAt));
    return encodePermit({ uploadId: id, expiresAt, mac });
  }

  /** The live upload that this permit was given for; undefined for any other permit. */
  find({ uploadId, expiresAt, mac }: Permit): Upload | undefined {
    const upload = this.#byId.get(nameOf(uploadId));
    if (upload === undefined || expiresAt !== upload.expiresAt || expiresAt < this.ports.now()) return undefined;
    const expected = hmacSha256(
      this.ports.permitKey,
      permitMessage(upload.submission.headerDigest, uploadId, expiresAt),
    );
    return timingSafeEqual(expected, mac) ? upload : undefined;
  }

  /** Takes a chunk if there is room for it among all that are being written. */
  async push(upload: Upload, index: number, bytes: Uint8Array): Promise<number> {
    this.#checkLive(upload);
    if (this.#bytesInFlight + bytes.length > this.limits.maxBytesInFlight) {
      throw new ProtocolError('overloaded', 'Too much is being uploaded at once.', BUSY_RETRY_MS);
    }
    this.#bytesInFlight += bytes.length;
    try {
      return await upload.push(index, bytes);
    } catch (error) {
      throw await this.giveUp(upload, error);
    } finally {
      this.#bytesInFlight -= bytes.length;
    }
  }

  /**
   * What the disk did to an upload is no fault of the device's: it may begin again, at once and from the start. The
   * file lacks what could not be written, so going on with it would make the device's honest body a damaged one.
   *
   * @returns the error to answer with; a refusal is returned as it is
   */
  async giveUp(upload: Upload, error: unknown): Promise<unknown> {
    if (error instanceof ProtocolError) return error;
    await this.end(upload, { keepBody: false }).catch(() => undefined);
    const isFull = FULL.has(String((error as NodeJS.ErrnoException).code));
    return isFull ? new ProtocolError('overloaded', 'There is no room for updates now.', FULL_RETRY_MS) : error;
  }

  /** @throws ProtocolError `too_slow` once the permit is over: the sweep may have closed its file */
  checkTime(upload: Upload): void {
    if (upload.expiresAt < this.ports.now())
      throw new ProtocolError('too_slow', 'The upload took longer than its permit allows.');
  }

  #checkLive(upload: Upload): void {
    this.checkTime(upload);
    if (this.#byId.get(nameOf(upload.id)) === upload) return;
    throw new ProtocolError('upload_unknown', 'There is no such upload here (any more): open the submission again.');
  }

  /** Forgets an upload; its file goes too, unless it is (or may be) an accepted body. */
  async end(upload: Upload, { keepBody }: { keepBody: boolean }): Promise<void> {
    this.#byId.delete(nameOf(upload.id));
    if (this.#byToken.get(tokenOf(upload.submission)) === upload) this.#byToken.delete(tokenOf(upload.submission));
    if (keepBody || upload.inDoubt) return;
    await upload.discard();
    await this.ports.bodies.delete(upload.id);
  }

  /** Ends what is past its deadline and not committing. Called now and then. */
  async sweep(): Promise<number> {
    const late = [...this.#byId.values()].filter(
      (upload) => upload.expiresAt < this.ports.now() && upload.committing === undefined,
    );
    await Promise.all(late.map((upload) => this.end(upload, { keepBody: false })));
    return late.length;
  }

  /** Takes no new ones, and waits for those under way, but no longer than this; a commit is always waited for. */
  async drain(withinMs: number): Promise<void> {
    this.#isDraining = true;
    const until = performance.now() + withinMs;
    while (this.size > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    await Promise.allSettled([...this.#byId.values()].map(({ committing }) => committing));
    // The answer goes out after the promise: a moment for it.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  get size(): number {
    return this.#byId.size;
  }

  /** received and not yet written */
  get bytesInFlight(): number {
    return this.#bytesInFlight;
  }
}

const nameOf = (id: Uint8Array): string => Buffer.from(id).toString('latin1');
const tokenOf = ({ use }: OpenedSubmission): string =>
  `${use.useCase}/${use.epoch}/${use.useNo}/${nameOf(use.tokenHash)}`;
