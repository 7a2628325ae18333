import { isGap, type Point } from './digit-strokes.js';

/** Of an image as the models take it. */
export const SIDE = 28;
/** The digit itself: the rest is air, as in the examples that models are trained on. */
const BOX = 20;
const PEN = 2.4;

/** Draws strokes, on a square of `size`; the pen is as wide as in the examples. */
export function drawStrokes(
  context: CanvasRenderingContext2D,
  points: readonly Point[],
  place: (point: Point) => Point,
  pen: number,
): void {
  context.lineWidth = pen;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.beginPath();
  let isDown = false;
  for (const point of points) {
    if (isGap(point)) {
      isDown = false;
      continue;
    }
    const [x, y] = place(point);
    if (isDown) context.lineTo(x, y);
    else context.moveTo(x, y);
    // A dot, too, leaves ink.
    context.lineTo(x + 0.01, y);
    isDown = true;
  }
  context.stroke();
}

/**
 * Strokes as 28 × 28 numbers from 0 to 1: fitted into 20 × 20 and moved so that the middle of its ink is in the middle,
 * as the examples of MNIST were. Null where nothing is drawn.
 */
export function imageOf(points: readonly Point[]): Float32Array | null {
  const drawn = points.filter((point) => !isGap(point));
  if (drawn.length === 0) return null;
  const [xs, ys] = [drawn.map(([x]) => x), drawn.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const extent = Math.max(Math.max(...xs) - left, Math.max(...ys) - top, 12);
  const scale = (BOX - PEN) / extent;
  const fitted: Point[] = points.map(([x, y]) => [(x - left) * scale, (y - top) * scale]);
  const [mx, my] = middleOf(rasterOf(fitted, [4, 4]));
  return rasterOf(fitted, [4 + SIDE / 2 - mx, 4 + SIDE / 2 - my]);
}

function rasterOf(points: readonly Point[], [dx, dy]: Point): Float32Array {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext('2d')! as unknown as CanvasRenderingContext2D;
  context.strokeStyle = '#fff';
  drawStrokes(context, points, ([x, y]) => [x + dx, y + dy], PEN);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => data[4 * i + 3]! / 255);
}

function middleOf(image: Float32Array): Point {
  let [sum, x, y] = [0, 0, 0];
  for (const [i, ink] of image.entries()) {
    sum += ink;
    x += ink * ((i % SIDE) + 0.5);
    y += ink * (Math.floor(i / SIDE) + 0.5);
  }
  return [x / sum, y / sum];
}
