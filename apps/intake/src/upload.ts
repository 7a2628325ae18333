import { createHash } from 'node:crypto';

import { LearningError, type Measure, type UpdateCheck } from '#learning';
import { equalBytes, ProtocolError, type Manifest, type SubmissionHeader } from '#protocol';
import type { BodyWriter } from '#storage/bodies';
import type { TokenUse } from '#storage/intake';

import { checkOf, type Purpose } from './payload-form.js';

/** A submission whose header and token held. */
export interface OpenedSubmission extends Purpose {
  readonly roundId: string;
  readonly header: SubmissionHeader;
  readonly headerDigest: Uint8Array;
  readonly transcriptDigest: Uint8Array;
  readonly use: TokenUse;
  readonly receipt: Uint8Array;
  readonly orderKey: Uint8Array;
  readonly manifest: Manifest;
  /** of the round, real units */
  readonly clip: number;
}

/** Chunks of one upload that may wait to be written; a client that sends more at once is refused. */
const WINDOW = 8;

/** One body on its way in: chunks in order, hashed and checked as they come, written to a file of its own. */
export class Upload {
  readonly #hash = createHash('sha256');
  readonly #check: UpdateCheck;
  readonly #writer: BodyWriter;
  #received = 0;
  #waiting = 0;
  #writing: Promise<void> = Promise.resolve();
  #refused: ProtocolError | undefined;
  #next = 0;
  #finishing: Promise<void> | undefined;
  /** The commit under way or done: asked twice, it runs once. */
  committing: Promise<Uint8Array> | undefined;
  /** An acceptance was sent and its outcome is unknown: the body may be named by a row. */
  inDoubt = false;

  constructor(
    readonly id: Uint8Array,
    readonly submission: OpenedSubmission,
    readonly expiresAt: number,
    { writer, measure }: { readonly writer: BodyWriter; readonly measure: Measure },
  ) {
    this.#writer = writer;
    this.#check = checkOf(submission, submission.manifest, measure);
  }

  /** Something is being written or decided: its sender waits for us. */
  get isWorking(): boolean {
    return this.#waiting > 0 || this.committing !== undefined;
  }

  get nextIndex(): number {
    return this.#next;
  }

  /** @returns the index of the chunk wanted next; a chunk that came before is not taken again */
  async push(index: number, bytes: Uint8Array): Promise<number> {
    if (this.#refused !== undefined) throw this.#refused;
    if (index < this.#next) return this.#next;
    this.#expect(index, bytes);
    this.#next++;
    this.#received += bytes.length;
    this.#hash.update(bytes);
    this.#check.push(bytes);
    this.#waiting++;
    this.#writing = this.#writing.then(() => this.#writer.write(bytes));
    try {
      await this.#writing;
    } finally {
      this.#waiting--;
    }
    return this.#next;
  }

  #expect(index: number, bytes: Uint8Array): void {
    const { chunkBytes } = this.submission.manifest;
    const expected = Math.min(chunkBytes, this.submission.header.payloadLength - this.#received);
    if (index !== this.#next || bytes.length !== expected || expected === 0) {
      throw new ProtocolError('malformed_message', `Expected chunk ${this.#next} of ${expected} bytes.`);
    }
    if (this.#waiting >= WINDOW) throw new ProtocolError('overloaded', `At most ${WINDOW} chunks may wait.`, 100);
  }

  /** Checks the whole and makes it durable, once. @throws ProtocolError for content that breaks a rule */
  async finish(): Promise<void> {
    const { payloadLength } = this.submission.header;
    if (this.#received !== payloadLength) {
      throw new ProtocolError('malformed_message', `The body has ${this.#received} of ${payloadLength} bytes.`);
    }
    await (this.#finishing ??= this.#finish());
  }

  async #finish(): Promise<void> {
    const { payloadDigest } = this.submission.header;
    await this.#writing;
    if (!equalBytes(this.#hash.digest(), payloadDigest)) {
      throw this.#refuse(new ProtocolError('digest_mismatch', 'The body is not the one that the header names.'));
    }
    try {
      this.#check.finish();
    } catch (error) {
      if (error instanceof LearningError) throw this.#refuse(contentRefusal(error));
      throw error;
    }
    await this.#writer.commit();
  }

  #refuse(error: ProtocolError): ProtocolError {
    this.#refused = error;
    return error;
  }

  async discard(): Promise<void> {
    await this.#writing.catch(() => {});
    await this.#writer.discard();
  }
}

function contentRefusal({ code }: LearningError): ProtocolError {
  if (code === 'norm_exceeded')
    return new ProtocolError('norm_exceeded', "The update is longer than the round's clip.");
  if (code === 'out_of_order')
    return new ProtocolError('out_of_range', 'The update has indices that do not ascend below its length.');
  return new ProtocolError('out_of_range', 'The update has a number outside the grid.');
}
