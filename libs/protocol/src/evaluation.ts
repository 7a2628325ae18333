import type { ByteReader, ByteWriter } from './bytes.js';
import { ProtocolError } from './errors.js';

/** What a round that measures a model on devices asks of them. */
export interface EvaluationTerms {
  /** a device's loss counts as this at most; in whole thousandths */
  readonly lossBound: number;
}

/**
 * An update's payload is a device's figures: u16(loss) ‖ u16(accuracy), little-endian, in thousandths of the loss bound
 * and of 1. In a header beside those of `ENCODING`: no training round takes it.
 */
export const FIGURES_ENCODING = 5;

export const MAX_LOSS_BOUND = 1_000_000;
const THOUSANDTHS = 1000;
/** Says that a round record goes on with the terms of an evaluation. One that trains ends before. */
const EVALUATION = 1;

/** u8(1) ‖ u32(loss bound in thousandths); nothing where the round trains */
export function writeTerms(writer: ByteWriter, terms: EvaluationTerms | undefined): ByteWriter {
  return terms === undefined ? writer : writer.uint(EVALUATION, 1).uint(toThousandths(terms), 4);
}

/** @throws ProtocolError `malformed_message` */
export function readTerms(reader: ByteReader): { evaluation?: EvaluationTerms } {
  if (reader.atEnd) return {};
  if (reader.uint(1) !== EVALUATION)
    throw new ProtocolError('malformed_message', 'a round for something that is not known');
  const evaluation = { lossBound: reader.uint(4) / THOUSANDTHS };
  toThousandths(evaluation);
  return { evaluation };
}

function toThousandths({ lossBound }: EvaluationTerms): number {
  const thousandths = Math.round(lossBound * THOUSANDTHS);
  if (thousandths >= 1 && lossBound <= MAX_LOSS_BOUND) return thousandths;
  throw new ProtocolError('malformed_message', `a loss bound is 0.001 to ${MAX_LOSS_BOUND}`);
}
