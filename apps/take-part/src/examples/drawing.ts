/** Side of an image that models of handwriting take, and of the box that the writing itself fills. */
export const SIDE = 28;
const BOX = 20;

/**
 * A drawing as such models know it: the writing scaled into a box of 20 pixels, its centre of mass in the middle of 28.
 *
 * @param ink  0 to 1, row by row
 * @returns undefined for an empty drawing
 */
export function toImage(ink: Float32Array, width: number): Float32Array<ArrayBuffer> | undefined {
  const bounds = boundsOf(ink, width);
  if (bounds === undefined) return undefined;
  const scale = BOX / Math.max(bounds.right - bounds.left + 1, bounds.bottom - bounds.top + 1);
  const centre = centreOf(ink, width);
  const image = new Float32Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const from = { x: centre.x + (x - SIDE / 2) / scale, y: centre.y + (y - SIDE / 2) / scale };
      image[y * SIDE + x] = meanInk(ink, width, { ...from, side: 1 / scale });
    }
  }
  return image;
}

interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

function meanInk(ink: Float32Array, width: number, { x, y, side }: Square): number {
  const height = ink.length / width;
  let sum = 0;
  let count = 0;
  for (let row = Math.floor(y); row < Math.max(y + side, Math.floor(y) + 1); row++) {
    for (let column = Math.floor(x); column < Math.max(x + side, Math.floor(x) + 1); column++) {
      const isInside = row >= 0 && row < height && column >= 0 && column < width;
      sum += isInside ? ink[row * width + column]! : 0;
      count += 1;
    }
  }
  return Math.min(1, sum / count);
}

function boundsOf(ink: Float32Array, width: number) {
  let [left, right, top, bottom] = [Infinity, -1, Infinity, -1];
  ink.forEach((value, i) => {
    if (value < 0.1) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  });
  return right < 0 ? undefined : { left, right, top, bottom };
}

function centreOf(ink: Float32Array, width: number): { x: number; y: number } {
  let [mass, x, y] = [0, 0, 0];
  ink.forEach((value, i) => {
    mass += value;
    x += value * (i % width);
    y += value * Math.floor(i / width);
  });
  return { x: x / mass, y: y / mass };
}
