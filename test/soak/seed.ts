import { randomInt } from 'node:crypto';

/** `STARLING_SEED` repeats a run; else each run has one of its own. */
export const SEED = readSeed(process.env['STARLING_SEED']);

function readSeed(text: string | undefined): number {
  if (text === undefined || text === '') return randomInt(2 ** 31);
  if (!/^\d{1,10}$/.test(text)) throw new RangeError('STARLING_SEED is a whole number');
  return Number(text);
}
