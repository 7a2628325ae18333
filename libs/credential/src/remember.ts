import { equalBytes, isBytes } from '@noble/curves/utils.js';

/**
 * A function of bytes that computes once for each array in memory, as long as its bytes stay the same. What it
 * knows of an array is held no longer than the caller holds the array.
 */
export function remember<T>(compute: (bytes: Uint8Array) => T): (bytes: Uint8Array) => T {
  const known = new WeakMap<Uint8Array, { readonly copy: Uint8Array; readonly value: T }>();
  return (bytes) => {
    if (!isBytes(bytes)) return compute(bytes);
    const entry = known.get(bytes);
    // A caller may wipe or refill the array: then what is known of it is void.
    if (entry !== undefined && equalBytes(entry.copy, bytes)) return entry.value;
    const copy = Uint8Array.from(bytes);
    const value = compute(copy);
    known.set(bytes, { copy, value });
    return value;
  };
}
