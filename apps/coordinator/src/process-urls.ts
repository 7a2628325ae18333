import { z } from 'zod';

const Entry = z
  .string()
  .regex(/^[a-z][a-z0-9 -]{0,31}=https?:\/\/[a-z0-9.:[\]-]+$/i, 'name=url, such as issuer=http://127.0.0.1:4001')
  .transform((text) => ({ name: text.slice(0, text.indexOf('=')), url: text.slice(text.indexOf('=') + 1) }));

/** `PROCESS_URLS`: the other processes and where they answer, separated by commas. Default: none is looked at. */
export const ProcessUrls = z
  .string()
  .default('')
  .transform((list) => list.split(',').filter((entry) => entry !== ''))
  .pipe(z.array(Entry).max(32));
export type ProcessUrls = z.infer<typeof ProcessUrls>;
