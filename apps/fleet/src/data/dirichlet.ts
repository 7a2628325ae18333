import { Random } from './random.js';

export interface Partition {
  readonly devices: number;
  /** Concentration: 0.1 leaves a device one or two labels, 100 is nearly even. */
  readonly alpha: number;
  readonly seed: number;
  /** Images every device gets at least; default 20. */
  readonly minimum?: number;
}

/**
 * Deals images to devices with skewed labels: for each label, the devices' shares are Dirichlet(alpha).
 * Devices left under the minimum are then given images by the largest ones.
 *
 * @param labels  label of each image
 * @returns for each device the indices of its images, shuffled; every image exactly once
 * @throws RangeError when the images cannot give every device the minimum, or alpha is not positive
 * @see Hsu et al. 2019, https://arxiv.org/abs/1909.06335 (shares by label, as Yurochkin et al. 2019)
 */
export function partitionByLabel(labels: Uint8Array, partition: Partition): Uint32Array[] {
  const { devices, alpha, seed, minimum = 20 } = partition;
  if (!(alpha > 0)) throw new RangeError(`alpha must be positive, got ${alpha}`);
  if (devices * minimum > labels.length) {
    throw new RangeError(`${labels.length} images cannot give ${devices} devices ${minimum} each`);
  }
  const random = new Random(seed, 'dirichlet');
  const hands: number[][] = Array.from({ length: devices }, () => []);
  for (const indices of indicesByLabel(labels)) {
    random.shuffle(indices);
    dealByShares(indices, dirichlet(random, alpha, devices), hands);
  }
  for (const hand of hands) random.shuffle(hand);
  levelUp(hands, minimum);
  return hands.map((hand) => Uint32Array.from(hand));
}

/** One draw from the symmetric Dirichlet: `count` shares that sum to 1. */
export function dirichlet(random: Random, alpha: number, count: number): number[] {
  const gammas = Array.from({ length: count }, () => random.gamma(alpha));
  const sum = gammas.reduce((total, gamma) => total + gamma, 0);
  // Tiny alphas can underflow to all zeros: then one device has everything, the distribution's limit.
  if (sum === 0) gammas[random.below(count)] = 1;
  return gammas.map((gamma) => (sum === 0 ? gamma : gamma / sum));
}

function indicesByLabel(labels: Uint8Array): number[][] {
  const groups = new Map<number, number[]>();
  labels.forEach((label, index) => {
    const group = groups.get(label);
    if (group) group.push(index);
    else groups.set(label, [index]);
  });
  return [...groups].sort(([a], [b]) => a - b).map(([, indices]) => indices);
}

/** Cuts `indices` at the cumulative shares, so that rounding loses and repeats nothing. */
function dealByShares(indices: readonly number[], shares: readonly number[], hands: number[][]): void {
  let cumulative = 0;
  let start = 0;
  shares.forEach((share, device) => {
    cumulative += share;
    const last = device === shares.length - 1;
    const end = last ? indices.length : Math.min(indices.length, Math.round(cumulative * indices.length));
    hands[device]!.push(...indices.slice(start, end));
    start = Math.max(start, end);
  });
}

function levelUp(hands: number[][], minimum: number): void {
  for (const hand of hands) {
    while (hand.length < minimum) {
      const richest = hands.reduce((best, other) => (other.length > best.length ? other : best));
      hand.push(richest.pop()!);
    }
  }
}
