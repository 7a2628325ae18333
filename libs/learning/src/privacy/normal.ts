const { abs, ceil, exp, log, log1p, sqrt } = Math;

/** log Φ(x), to about 14 digits, however far out in the tail. */
export function logNormalCdf(x: number): number {
  if (x > 0) return log1p(-normalCdf(-x));
  return x > -2 ? log(normalCdf(x)) : -0.5 * x * x + log(millsRatio(-x) / sqrt(2 * Math.PI));
}

/** Φ(x), the chance that a standard normal number is at most x; relative to itself right to about 14 digits. */
export function normalCdf(x: number): number {
  if (x > 0) return 1 - normalCdf(-x);
  if (x < -2) return millsRatio(-x) * density(x);
  return 0.5 + density(x) * oddSeries(x);
}

/** Φ(b) − Φ(a) for a ≤ b, without the digits that both sides of 1 would lose. */
export function normalBetween(a: number, b: number): number {
  return a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
}

const density = (x: number): number => exp(-0.5 * x * x) / sqrt(2 * Math.PI);

/** (Φ(x) − ½)/φ(x) = x + x³/3 + x⁵/15 + …: all terms of one sign, so nothing cancels. */
function oddSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let odd = 3; abs(term) > 1e-18 * abs(sum); odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return sum;
}

/** Φ(−x)/φ(x) for x ≥ 2, by the continued fraction 1/(x + 1/(x + 2/(x + 3/(x + …)))) from the inside out. */
function millsRatio(x: number): number {
  let tail = x;
  for (let k = ceil(20 + 600 / (x * x)); k > 0; k--) tail = x + k / tail;
  return 1 / tail;
}
