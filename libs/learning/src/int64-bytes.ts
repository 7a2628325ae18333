const TWO_32 = 2 ** 32;

/** Integers up to ±2^53 as little-endian int64s, eight bytes each. */
export function encodeInt64LE(values: Float64Array, into: Uint8Array): void {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  for (let j = 0; j < values.length; j++) setInt64LE(view, 8 * j, values[j]!);
}

export function setInt64LE(view: DataView, offset: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  view.setUint32(offset, value - high * TWO_32, true);
  view.setInt32(offset + 4, high, true);
}

/** Exact up to ±2^53; beyond, near enough for a range check to refuse it. */
export function getInt64LE(view: DataView, offset: number): number {
  return view.getInt32(offset + 4, true) * TWO_32 + view.getUint32(offset, true);
}
