import { findCurves, MEMORY_LENGTH, type Sodium } from './sodium.js';

/** The Emscripten module below the wrappers, which allocate and copy for each call. */
interface RawSodium {
  readonly HEAPU8: Uint8Array;
  _malloc(length: number): number;
  readonly [name: `_${string}`]: (...arguments_: number[]) => number;
}

/** libsodium compiled to WebAssembly: comes with the npm packages and runs wherever Node does. */
export async function openWasmSodium(): Promise<Sodium> {
  const { default: sodium } = await import('libsodium-wrappers-sumo');
  await sodium.ready;
  const raw = (sodium as unknown as { readonly libsodium: RawSodium }).libsodium;
  const address = raw._malloc(MEMORY_LENGTH);
  return {
    version: sodium.SODIUM_VERSION_STRING,
    // Stays valid: the heap moves only when an allocation makes it grow, and this is the last one.
    memory: raw.HEAPU8.subarray(address, address + MEMORY_LENGTH),
    address,
    curves: findCurves((name) => functionOf(raw, name)),
    // The length has 64 bits, which come as two numbers.
    sha512: (digest, message, length) => raw['_crypto_hash_sha512']!(digest, message, length, 0),
    pairsOfSum: 1,
  };
}

function functionOf(raw: RawSodium, name: string): (...addresses: number[]) => number {
  const found = raw[`_${name}`];
  if (found === undefined) throw new Error(`this build of libsodium has no ${name}`);
  return found;
}
