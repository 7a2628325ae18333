import { bandedFactor, factorNorm, treeVariance, wholeBandedSensitivity, wholeTreeSensitivity } from '#learning';

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
    onSums(bandedFactor(bands), rounds).map((variance) => moves ** 2 * variance),
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

/** Variance of banded noise on the sum of the first t rounds, over that of z: squares of the rows of A·C⁻¹. */
function onSums(factor: readonly number[], rounds: number): number[] {
  const inverse: number[] = [];
  for (let t = 0; t < rounds; t++) {
    const rest = factor.slice(1, t + 1).reduce((sum, share, j) => sum + share * inverse[t - 1 - j]!, 0);
    inverse.push(((t === 0 ? 1 : 0) - rest) / factor[0]!);
  }
  let [sum, variance] = [0, 0];
  return inverse.map((share) => {
    sum += share;
    return (variance += sum * sum);
  });
}
