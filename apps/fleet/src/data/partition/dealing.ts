export interface Dealing {
  readonly devices: number;
  readonly seed: number;
  /** examples that every device gets at least, of the partitions that skew */
  readonly minimum: number;
}
