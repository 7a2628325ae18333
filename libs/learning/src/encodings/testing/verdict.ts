import type { Encoding, Grid } from '../../index.js';

/** What an encoding's check says of a payload that comes in pieces: a code, or that it is accepted. */
export function verdict(
  encoding: Encoding,
  grid: Grid,
  payload: Uint8Array,
  cut: number = payload.length || 1,
): string {
  const check = encoding.check(grid);
  for (let at = 0; at < payload.length; at += cut) check.push(payload.subarray(at, at + cut));
  try {
    check.finish();
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
}
