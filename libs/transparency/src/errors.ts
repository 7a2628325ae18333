export type TreeErrorCode = 'malformed_frontier' | 'out_of_tree';

/** Asked for something that a tree of this size does not have. A proof that does not hold is an answer, not an error. */
export class TreeError extends Error {
  override readonly name = 'TreeError';

  constructor(
    readonly code: TreeErrorCode,
    message: string,
  ) {
    super(message);
  }
}
