export type LearningErrorCode =
  | 'wrong_length'
  | 'out_of_range'
  | 'out_of_order'
  | 'norm_exceeded'
  | 'not_finite'
  | 'empty_cohort'
  | 'cohort_too_small'
  | 'bad_strategy'
  | 'bad_weight'
  | 'bad_grid'
  | 'dimension_mismatch'
  | 'sum_overflow'
  | 'malformed_sum'
  | 'malformed_model';

/** A number, a sum or a model did not hold. Messages carry sizes and bounds, never coordinates. */
export class LearningError extends Error {
  override readonly name = 'LearningError';

  constructor(
    readonly code: LearningErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
