import { z } from 'zod';

/*
 * What travels as JSON or as socket.io messages. Nothing here is ever hashed, signed or under a MAC;
 * bytes in JSON are lower-case hex. Objects are strict: an unknown field is refused, because a free
 * field is a fingerprint.
 */

/** Lower-case hex of exactly `bytes` bytes. */
export const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `${bytes} bytes in hex`);
/** Lower-case hex of at most `max` bytes. */
export const hexUpTo = (max: number) =>
  z
    .string()
    .max(2 * max)
    .regex(/^([0-9a-f]{2})*$/, `up to ${max} bytes in hex`);

export const UseCaseId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes, up to 63');
export const RoundId = z.uuid();
export const Digest = hex(32);
/** Position of a round among its use case's, in an address. */
export const Sequence = z.coerce.number().int().min(0).max(1_000_000_000);
export const count = z.int().min(1).max(1_000_000);
/** For people. PostgreSQL keeps no NUL, and UTF-8 no half of a surrogate pair. */
export const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'no control characters');
