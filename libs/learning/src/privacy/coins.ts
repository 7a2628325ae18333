import type { RandomSource } from './seeded-bytes.js';

/** The only questions a sampler may ask: everything it decides, it decides by integers and rational chances. */
export interface Coins {
  /** Uniform integer in [0, n), n at most 2^40. */
  below(n: number): number;
  /** True with probability n/d exactly, 0 ≤ n ≤ d ≤ 2^45. */
  bernoulli(n: number, d: number): boolean;
  /** True with probability exp(−n/d) exactly, 0 ≤ n ≤ d ≤ 2^45. */
  bernoulliExp(n: number, d: number): boolean;
  /** True with probability exp(−(n/d)²/2) exactly, 0 ≤ n ≤ d ≤ 2^44. */
  bernoulliGauss(n: number, d: number): boolean;
}

/** Bytes asked of the source at a time: a call to a cryptographic generator costs more than its bytes. */
const BUFFER_BYTES = 8192;

/**
 * Exact coins from uniform bytes. Every number here is an integer below 2^53, of which a float64 holds each one,
 * and is only added, subtracted, multiplied and compared: nothing is rounded, so no probability is.
 */
export class RandomCoins implements Coins {
  #buffer: Uint8Array = new Uint8Array(0);
  #next = 0;

  constructor(private readonly random: RandomSource) {}

  /** Bytes in base 256 until they span n; the values past the last multiple of n are drawn again. */
  below(n: number): number {
    for (;;) {
      let span = 1;
      let value = 0;
      while (span < n) {
        value = value * 256 + this.#byte();
        span *= 256;
      }
      if (value < span - (span % n)) return value % n;
    }
  }

  /**
   * Compares n/d with a uniform number in [0, 1), digit by digit in base 256: one byte decides but for one in 256,
   * where the rest of n/d is compared with the next. 256·d stays below 2^53.
   */
  bernoulli(n: number, d: number): boolean {
    for (let rest = n; ;) {
      rest = 256 * rest - this.#byte() * d;
      if (rest >= d) return true;
      if (rest <= 0) return false;
    }
  }

  bernoulliExp(n: number, d: number): boolean {
    return bernoulliExp(this, n, d);
  }

  bernoulliGauss(n: number, d: number): boolean {
    return bernoulliGauss(this, n, d);
  }

  #byte(): number {
    if (this.#next === this.#buffer.length) {
      this.#buffer = this.random(BUFFER_BYTES);
      this.#next = 0;
    }
    return this.#buffer[this.#next++]!;
  }
}

/**
 * A coin of exp(−γ), γ = n/d, of rational ones: toss coins of γ/1, γ/2, γ/3, … until one fails; the number of tosses
 * is odd that often. A coin of γ/k is two coins, of γ and of 1/k, that both show heads.
 *
 * @see Canonne, Kamath, Steinke 2020, Algorithm 1, https://arxiv.org/abs/2004.00010
 */
export function bernoulliExp(coins: Pick<Coins, 'bernoulli'>, n: number, d: number): boolean {
  let k = 1;
  while (coins.bernoulli(n, d) && (k === 1 || coins.bernoulli(1, k))) k += 1;
  return k % 2 === 1;
}

/** The same for γ = (n/d)²/2 = (n/d)·(n/2d): no square is ever taken, so terms stay small. */
export function bernoulliGauss(coins: Pick<Coins, 'bernoulli'>, n: number, d: number): boolean {
  let k = 1;
  while (coins.bernoulli(n, d) && coins.bernoulli(n, 2 * d) && (k === 1 || coins.bernoulli(1, k))) k += 1;
  return k % 2 === 1;
}
