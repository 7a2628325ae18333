import { z } from 'zod';

/** The first section of a backup says what it is. */
export const ABOUT = 'about';

export const About = z.strictObject({
  madeAt: z.iso.datetime(),
  migrations: z.array(z.string()),
  tables: z.array(
    z.strictObject({
      // Both come to stand in SQL, and the digest of a backup does not prove who made it.
      name: z.string().regex(/^[a-z_]{1,63}\.[a-z_0-9]{1,63}$/),
      columns: z.array(z.string().regex(/^"?[a-z_0-9]{1,63}"?$/)).min(1),
    }),
  ),
  /** Ed25519 public key that devices pin, hex */
  deploymentKey: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export type About = z.infer<typeof About>;

export const section = {
  table: (name: string): string => `table:${name}`,
  model: (digest: string): string => `model:${digest}`,
  secret: (name: string): string => `secret:${name}`,
};

/** @returns kind and name of a section */
export function parseSection(title: string): { readonly kind: string; readonly name: string } {
  const colon = title.indexOf(':');
  return { kind: title.slice(0, colon), name: title.slice(colon + 1) };
}
