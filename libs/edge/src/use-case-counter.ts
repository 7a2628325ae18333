import { Counter, type Registry } from 'prom-client';

/** Use cases with a label of their own; what others count goes on in `other`. */
export const MOST_USE_CASES = 50;
export const OTHER = 'other';

/**
 * A counter by use case with a bounded number of labels: the newest that this process heard of have one each. One that
 * lost its label does not get it back, or two that take turns would make a series each time.
 */
export class UseCaseCounter {
  readonly #counts = new Map<string, number>();
  readonly #former = new Set<string>();
  #others = 0;

  constructor(
    plan: { readonly name: string; readonly help: string },
    metrics: Registry,
    private readonly most: number = MOST_USE_CASES,
  ) {
    const series = () => this.series();
    metrics.registerMetric(
      new Counter({
        ...plan,
        labelNames: ['use_case'],
        registers: [],
        collect() {
          this.reset();
          for (const [useCase, n] of series()) this.inc({ use_case: useCase }, n);
        },
      }),
    );
  }

  /** @param useCase  one that exists: never a name that a stranger made up */
  add(useCase: string, n = 1): void {
    if (this.#former.has(useCase)) return void (this.#others += n);
    this.#counts.set(useCase, (this.#counts.get(useCase) ?? 0) + n);
    if (this.#counts.size <= this.most) return;
    const [oldest, count] = this.#counts.entries().next().value!;
    this.#counts.delete(oldest);
    this.#former.add(oldest);
    this.#others += count;
  }

  /** Each label with its count. */
  series(): [string, number][] {
    return this.#former.size === 0 ? [...this.#counts] : [...this.#counts, [OTHER, this.#others]];
  }
}
