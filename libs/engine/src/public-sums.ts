import { readFile } from 'node:fs/promises';

import type { SodiumCurveName } from './sodium.js';

/** Sums that no secret goes into, in WebAssembly of our own: `libs/engine/assembly`. */
export interface PublicSums {
  /**
   * `Σ scalarsᵢ · elementsᵢ`. PUBLIC VALUES ONLY: how long it takes tells the scalars, and neither they nor the elements
   * are wiped from its memory.
   *
   * @param elements  encoded, each decoded once before: nothing is checked here but that there is such a point
   * @param scalars  32 bytes below the order, one an element
   * @throws RangeError for lists or bytes of other lengths, and for what is no element
   */
  sumOfProducts(curve: SodiumCurveName, elements: readonly Uint8Array[], scalars: readonly Uint8Array[]): Uint8Array;
}

const LENGTH = 32;

/** As the module numbers them. */
const CURVES: Readonly<Record<SodiumCurveName, number>> = { ristretto255: 0, ed25519: 1 };

/** Node's types leave it to those of the DOM. */
declare const WebAssembly: {
  instantiate(module: Uint8Array): Promise<{ readonly instance: { readonly exports: unknown } }>;
};

interface Global {
  readonly value: number;
}

/** What `assembly/public-sums.ts` exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly MOST_PAIRS: Global;
  readonly ELEMENTS: Global;
  readonly SCALARS: Global;
  readonly RESULT: Global;
  clear(): void;
  addProducts(curve: number, pairs: number): number;
  encode(curve: number): void;
}

/** @throws Error where this build has no such module, or the machine cannot run it */
export async function openPublicSums(): Promise<PublicSums> {
  return publicSumsOf(await readPublicSums());
}

/** The module that `npm run build:wasm` compiles beside what tsc does. */
export async function readPublicSums(): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(new URL('../assembly/public-sums.wasm', import.meta.url)));
  } catch {
    throw new Error('public-sums.wasm is not built: npm run build:wasm');
  }
}

export async function publicSumsOf(module: Uint8Array): Promise<PublicSums> {
  const { instance } = await WebAssembly.instantiate(module);
  const sums = instance.exports as Exports;
  // The module never grows it.
  const memory = new Uint8Array(sums.memory.buffer);
  const mostPairs = sums.MOST_PAIRS.value;
  const [elementsAt, scalarsAt, resultAt] = [sums.ELEMENTS.value, sums.SCALARS.value, sums.RESULT.value];

  return {
    sumOfProducts: (curve, elements, scalars) => {
      checkPairs(elements, scalars);
      sums.clear();
      for (let begin = 0; begin < elements.length; begin += mostPairs) {
        const pairs = Math.min(mostPairs, elements.length - begin);
        for (let i = 0; i < pairs; i++) {
          memory.set(elements[begin + i]!, elementsAt + i * LENGTH);
          memory.set(scalars[begin + i]!, scalarsAt + i * LENGTH);
        }
        if (sums.addProducts(CURVES[curve], pairs) === 0) throw new RangeError('no element where a sum is made');
      }
      sums.encode(CURVES[curve]);
      return memory.slice(resultAt, resultAt + LENGTH);
    },
  };
}

/** Shorter ones would leave bytes of others in their places. */
function checkPairs(elements: readonly Uint8Array[], scalars: readonly Uint8Array[]): void {
  if (scalars.length !== elements.length) throw new RangeError('a sum of unequal lists');
  for (const bytes of [...elements, ...scalars]) {
    if (bytes.length !== LENGTH) throw new RangeError(`expected ${LENGTH} bytes, got ${bytes.length}`);
  }
}
