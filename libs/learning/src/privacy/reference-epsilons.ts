/**
 * ε that others computed, for the tests to compare with. `dp_accounting` is Google's, its snapshot of August 2026
 * under SciPy 1.10; figures are the output of these programs, none is ours.
 */

/** k-fold Gaussian, exact: dp_accounting. */
export const GAUSSIAN = [
  { sigma: 0.5, count: 1, delta: 1e-5, epsilon: 9.997256146 },
  { sigma: 1, count: 1, delta: 1e-5, epsilon: 4.377178096 },
  { sigma: 2, count: 1, delta: 1e-5, epsilon: 1.993091404 },
  { sigma: 5, count: 1, delta: 1e-5, epsilon: 0.725521751 },
  { sigma: 10, count: 1, delta: 1e-5, epsilon: 0.340669365 },
  { sigma: 4, count: 16, delta: 1e-6, epsilon: 4.886554 },
  { sigma: 8, count: 8, delta: 1e-6, epsilon: 1.54363 },
  { sigma: 10, count: 8, delta: 1e-6, epsilon: 1.211967 },
  { sigma: 20, count: 8, delta: 1e-6, epsilon: 0.575055 },
  { sigma: 30, count: 64, delta: 1e-6, epsilon: 1.137234 },
];

export const INTEGER_ORDERS = Array.from({ length: 62 }, (_, i) => i + 2);

/**
 * Poisson-sampled Gaussian by Rényi divergences, at integer orders and at all, and by privacy losses (step 1e-4):
 * dp_accounting. The second and third are TensorFlow Privacy's tests too (60,000 examples in batches of 150 for 15
 * epochs, 100,000 in batches of 100 for 30), where their best order is an integer.
 */
export const SAMPLED = [
  {
    sampling: 0.04,
    sigma: 1.5,
    count: 2250,
    delta: 1e-5,
    integer: 7.329876773834704,
    renyi: 7.329334702,
    loss: 6.768787377,
  },
  {
    sampling: 0.0025,
    sigma: 1.3,
    count: 6000,
    delta: 1e-5,
    integer: 0.7242234026109595,
    renyi: 0.7242234026109595,
    loss: 0.6401109285,
  },
  {
    sampling: 0.001,
    sigma: 1,
    count: 30_000,
    delta: 1e-7,
    integer: 1.4154988495444842,
    renyi: 1.4154988495444842,
    loss: 1.098198949,
  },
  {
    sampling: 0.01,
    sigma: 1,
    count: 1000,
    delta: 1e-5,
    integer: 2.107753075451571,
    renyi: 2.101366525,
    loss: 1.828243646,
  },
  {
    sampling: 0.01,
    sigma: 1.1,
    count: 10_000,
    delta: 1e-5,
    integer: 5.65430800015012,
    renyi: 5.63201067,
    loss: 5.192620123,
  },
  {
    sampling: 0.1,
    sigma: 2,
    count: 100,
    delta: 1e-5,
    integer: 2.5866521781675313,
    renyi: 2.580570951,
    loss: 2.337400192,
  },
  { sampling: 0.001, sigma: 1, count: 2000, delta: 1e-7, integer: 1.073793663, renyi: 1.073793663, loss: 0.2982956302 },
];

/**
 * TensorFlow Privacy's statement for 5 epochs of 10,000 examples in batches of 64 with σ = 2, which counts as 1
 * because of its microbatches: 13.376 without sampling, 1.616 with; 56.224 and 6.425 for users with three examples.
 */
export const STATEMENT = { sigma: 1, sampling: 64 / 10_000, count: 782, visits: 5, delta: 1e-6 };

/**
 * DP-FTRL with δ = 1e-6 by Rényi divergences: TensorFlow Privacy, whose separation counts the rounds between two.
 * The first two are a tree that a device is in once; the paper has 19.74 and 2.04 for them, by an older conversion.
 */
export const TREES = [
  { sigma: 1.13, steps: 1600, participations: 1, separation: 1, renyi: 18.7096099 },
  { sigma: 8.83, steps: 1600, participations: 1, separation: 1, renyi: 1.7731925 },
  { sigma: 5, steps: 256, participations: 1, separation: 1, renyi: 2.9545027 },
  { sigma: 5, steps: 256, participations: 4, separation: 65, renyi: 7.9457903 },
  { sigma: 10, steps: 1024, participations: 8, separation: 129, renyi: 7.2124319 },
];
