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

/** As a round record says it. @throws ProtocolError `malformed_message` */
export function lossBoundToWire({ lossBound }: EvaluationTerms): number {
  const thousandths = Math.round(lossBound * THOUSANDTHS);
  if (thousandths >= 1 && lossBound <= MAX_LOSS_BOUND) return thousandths;
  throw new ProtocolError('malformed_message', `a loss bound is 0.001 to ${MAX_LOSS_BOUND}`);
}

/** @throws ProtocolError `malformed_message` */
export function termsFromWire(thousandths: number): EvaluationTerms {
  const terms = { lossBound: thousandths / THOUSANDTHS };
  lossBoundToWire(terms);
  return terms;
}
