import { encodeSafetensors, shapeLength, type Layout, type NamedTensor } from '#learning';

/** Random numbers that one call of the browser gives. */
const DRAWN = 16_384;

/** A model file that the first round starts from: Glorot uniform kernels, and zeros for what has one dimension or none. */
export const initialModel = (layout: Layout): Uint8Array =>
  encodeSafetensors(layout.map(({ name, shape }): NamedTensor => ({ name, shape, data: drawn(shape) })));

/** U(−a, a) with a = √(6 / (fan in + fan out)) */
function drawn(shape: readonly number[]): Float32Array {
  const data = new Float32Array(shapeLength(shape));
  if (shape.length < 2) return data;
  const field = shapeLength(shape.slice(0, -2));
  const limit = Math.sqrt(6 / (field * (shape.at(-2)! + shape.at(-1)!)));
  for (let start = 0; start < data.length; start += DRAWN) {
    const lots = crypto.getRandomValues(new Uint32Array(Math.min(DRAWN, data.length - start)));
    lots.forEach((lot, i) => (data[start + i] = (2 * ((lot + 0.5) / 2 ** 32) - 1) * limit));
  }
  return data;
}
