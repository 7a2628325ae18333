import { z } from 'zod';

const Origin = z.string().regex(/^https?:\/\/[a-z0-9.:[\]-]+$/, 'an origin such as https://app.example');

/** `ALLOWED_ORIGINS`: pages whose devices may call, separated by commas. No wildcard: name them. Default: none. */
export const AllowedOrigins = z
  .string()
  .default('')
  .transform((list) => list.split(',').filter((origin) => origin !== ''))
  .pipe(z.array(Origin));
