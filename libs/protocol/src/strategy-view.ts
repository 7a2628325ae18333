/** A strategy that a use case of this deployment can choose: one of the book, or a researcher's own. */
export interface StrategyView {
  readonly name: string;
  /** by name: the default, or null where a use case must give a number */
  readonly options: Readonly<Record<string, number | null>>;
}
