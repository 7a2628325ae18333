import { setTimeout as sleep } from 'node:timers/promises';

import type { Member } from '../fixtures/cohort.js';
import { payloadOf, prepare, receiptOf, submit, told, type OpenRound } from '../fixtures/submission.js';
import type { Token } from '../fixtures/device.js';

/** Refusals after which the same bytes are sent again; the answers of a process that is not there count as one. */
const PASSING = new Set(['overloaded', 'upload_unknown', 'internal']);
const RETRY_MS = 250;
/** A device that gives up is a lost update: longer than any outage and its recovery. */
const PATIENCE_MS = 90_000;

/** What a device noted of its update: the only judge of what must have been counted. */
export interface Note {
  /** its own coordinate */
  readonly index: number;
  /** undefined where it gave up without an answer that is final */
  readonly answer: string | undefined;
  readonly isReceipt: boolean;
  readonly tries: number;
  /** performance.now() of the final answer */
  readonly at: number;
}

/** Device i adds one, at coordinate i and nowhere else. */
export const oneHot = (index: number, parameters: number): Uint8Array =>
  payloadOf(Array.from({ length: parameters }, (_, at) => (at === index ? 1 : 0)));

export interface Mailing {
  readonly intake: string;
  readonly round: OpenRound;
  readonly parameters: number;
}

/** Sends one device's update until there is a final answer. Each try is the same bytes. */
export async function mail({ intake, round, parameters }: Mailing, index: number, token: Token): Promise<Note> {
  const submission = prepare(round, token, oneHot(index, parameters));
  const until = performance.now() + PATIENCE_MS;
  for (let tries = 1; ; tries++) {
    const answer = await submit(intake, submission).then(told, () => undefined);
    const isFinal = answer !== undefined && !PASSING.has(answer);
    if (isFinal || performance.now() > until) {
      const isReceipt = answer === receiptOf(submission);
      return { index, answer: isFinal ? answer : undefined, isReceipt, tries, at: performance.now() };
    }
    await sleep(RETRY_MS);
  }
}

/** All devices, spread evenly over a time. */
export function mailAll(mailing: Mailing, members: readonly Member[], slot: number, overMs: number): Promise<Note[]> {
  return Promise.all(
    members.map(async ({ tokens }, index) => {
      await sleep((index * overMs) / members.length);
      return mail(mailing, index, tokens[slot]!);
    }),
  );
}

export interface Judgement {
  /** acknowledged and not counted */
  readonly lost: number;
  readonly doubled: number;
  /** counted, though nobody has a receipt for it */
  readonly alien: number;
}

/** Compares the devices' notes with the published sum. @param sum  one whole number a coordinate */
export function judge(notes: readonly Note[], sum: readonly number[]): Judgement {
  const acknowledged = new Set(notes.filter(({ isReceipt }) => isReceipt).map(({ index }) => index));
  const count = (fits: (value: number, index: number) => boolean): number => sum.filter(fits).length;
  return {
    lost: count((value, index) => acknowledged.has(index) && value < 1),
    doubled: count((value) => value > 1),
    alien: count((value, index) => value !== 0 && !acknowledged.has(index)),
  };
}
