import { z } from 'zod';

/** How a payload's numbers are written, as manifest and header say it. */
export const ENCODING = { int32: 1, int16: 2, int8: 3, topK: 4 } as const;

/** The same as a use case's author writes it; `{ "topK": 500 }` is the 500 largest numbers of an update alone. */
export const EncodingChoice = z.union([
  z.enum(['int32', 'int16', 'int8']),
  z.strictObject({
    topK: z
      .int()
      .min(1)
      .max(2 ** 28),
  }),
]);
export type EncodingChoice = z.infer<typeof EncodingChoice>;

/** The two fields of a manifest that say it. */
export interface EncodingFields {
  readonly encoding: number;
  /** k of topK, and of nothing else */
  readonly topK?: number;
}

export const encodingFields = (choice: EncodingChoice): EncodingFields =>
  typeof choice === 'object' ? { encoding: ENCODING.topK, topK: choice.topK } : { encoding: ENCODING[choice] };

/** @returns undefined for what is no encoding */
export function encodingChoice({ encoding, topK }: EncodingFields): EncodingChoice | undefined {
  if (encoding === ENCODING.topK) return topK === undefined ? undefined : { topK };
  if (topK !== undefined) return undefined;
  return (['int32', 'int16', 'int8'] as const).find((name) => ENCODING[name] === encoding);
}

/** The same of a manifest, which has passed its rules. */
export const encodingOfManifest = (manifest: EncodingFields): EncodingChoice => encodingChoice(manifest)!;

/** Largest number that an encoding may hold; of int32 it is less than the type's, so that sums stay exact. */
export const MOST_OF_ENCODING: Readonly<Record<number, number>> = {
  [ENCODING.int32]: 2 ** 26,
  [ENCODING.int16]: 2 ** 15 - 1,
  [ENCODING.int8]: 2 ** 7 - 1,
  [ENCODING.topK]: 2 ** 15 - 1,
};

/** Bytes of each number that travels; one of topK has its index beside it, four bytes of six. */
export const BYTES_OF_ENCODING: Readonly<Record<number, number>> = {
  [ENCODING.int32]: 4,
  [ENCODING.int16]: 2,
  [ENCODING.int8]: 1,
  [ENCODING.topK]: 6,
};
