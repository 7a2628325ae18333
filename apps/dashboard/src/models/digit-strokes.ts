export type Point = readonly [x: number, y: number];

/** Digits as one might write them, on a square of 100: for who does not draw. */
export const SAMPLES: readonly (readonly Point[])[] = [
  '50,12 36,16 26,32 22,50 26,68 36,84 50,88 64,84 74,68 78,50 74,32 64,16 50,12',
  '42,24 54,12 54,88',
  '28,30 34,18 48,12 62,16 68,28 64,44 50,60 28,86 76,86',
  '30,20 44,12 60,14 68,26 62,40 48,47 64,52 72,66 66,82 48,88 30,80',
  '36,12 26,56 74,56 M 62,30 62,88',
  '70,14 38,14 34,46 52,42 68,52 70,68 62,82 46,88 28,82',
  '62,12 44,30 34,52 32,70 40,84 54,88 68,78 68,62 56,54 42,58 34,70',
  '24,16 74,16 60,44 46,88',
  '50,47 34,38 34,22 50,12 66,22 66,38 50,47 32,60 32,78 50,88 68,78 68,60 50,47',
  '66,32 58,44 44,46 34,36 36,20 50,12 62,16 66,32 64,60 56,88',
].map((digit) => digit.split(' M ').flatMap((stroke) => [...stroke.split(' ').map(pointOf), liftedPen()]));

/** Between strokes. */
function liftedPen(): Point {
  return [NaN, NaN];
}

function pointOf(text: string): Point {
  const [x = 0, y = 0] = text.split(',').map(Number);
  return [x, y];
}

export const isGap = ([x]: Point): boolean => Number.isNaN(x);
