/**
 * Evaluations that a primary key is good for. Q of them make it log₂(Q)/2 bits weaker (Brown and Gallant
 * 2004, Cheon 2006): 2^36 leave a 252-bit group about 108 bits.
 */
export const EVALUATION_LIMIT = 2 ** 36;
/** From here on people are warned. */
export const EVALUATION_WARNING = 2 ** 35;
/** From here on another key is asked for without them. */
export const EVALUATION_ROTATION = Math.floor(0.9 * EVALUATION_LIMIT);

/** What to do about a key that was used this often; null where nothing. */
export function adviceOn(evaluations: number): string | null {
  if (evaluations >= EVALUATION_LIMIT)
    return 'It is past the limit of 2^36 evaluations: rotate, and retire its epochs if you can.';
  if (evaluations >= EVALUATION_ROTATION) return 'It is near the limit of 2^36 evaluations: another key is on its way.';
  if (evaluations >= EVALUATION_WARNING) return 'It is past half of the limit of 2^36 evaluations: rotate soon.';
  return null;
}
