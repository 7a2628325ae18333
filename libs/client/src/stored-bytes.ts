import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';

/** Bytes in stored JSON: hex. */
export const Bytes = z.codec(
  z.string().regex(/^([0-9a-f]{2})*$/),
  z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  { decode: (hex) => hexToBytes(hex), encode: (bytes) => bytesToHex(bytes) },
);
