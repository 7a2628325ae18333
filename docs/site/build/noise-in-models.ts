import { bandedVariances, factorNorm, treeVariance, wholeBandedSensitivity, wholeTreeSensitivity } from '#learning';

/** How many times less noise a model has than with independent noise of the same ε: the last one, and those on the way. */
export interface Less {
  readonly inTheEnd: number;
  readonly onTheWay: number;
}

export function lessWithTree(rounds: number, separation: number): Less {
  const moves = wholeTreeSensitivity(rounds, separation);
  return less(
    rounds,
    separation,
    Array.from({ length: rounds }, (_, t) => moves ** 2 * treeVariance(t + 1)),
  );
}

export function lessWithBands(rounds: number, separation: number, bands: number): Less {
  const moves = wholeBandedSensitivity(rounds, separation) * factorNorm(bands);
  return less(
    rounds,
    separation,
    bandedVariances(bands, rounds).map((variance) => moves ** 2 * variance),
  );
}

/** @param variances  of the noise in each model; independent noise of √(rounds of a device) a round is what they compare with */
function less(rounds: number, separation: number, variances: readonly number[]): Less {
  const independent = variances.map((_, t) => (rounds / separation) * (t + 1));
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return {
    inTheEnd: Math.sqrt(independent.at(-1)! / variances.at(-1)!),
    onTheWay: Math.sqrt(sum(independent) / sum(variances)),
  };
}
