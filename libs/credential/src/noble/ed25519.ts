import { _map_to_curve_elligator2_curve25519, ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';

import { nobleGroup } from './noble-group.js';

const { Point } = ed25519;
const { Fp } = Point;

/**
 * The prime-order subgroup of edwards25519 with SHA-512, for the ACS suites that are named after it. Elements are
 * encoded as in RFC 8032, scalars little-endian.
 *
 * A point with a part of order 2, 4 or 8 would tell the low bits of the secret that multiplies it, and not every
 * library refuses all of them (CVE-2025-69277): `nobleGroup` decodes only what the order takes to the identity.
 */
export const nobleEd25519 = nobleGroup(Point, {
  name: 'ed25519',
  elementLength: 32,
  uniformElementLength: 64,
  uniformScalarLength: 64,
  hash: sha512,
  elementFromUniform,
});

/**
 * libsodium's `from_uniform`, which ACS takes, not RFC 9380's map: one Elligator 2 map of the first 32 bytes, the
 * other 32 unused. With r the low 255 bits, u = Elligator2(r) on Curve25519 and y = (u - 1)/(u + 1); the top bit is
 * the parity of the Edwards x; times 8. That is not uniform: ristretto255 is the better choice where there is one.
 */
function elementFromUniform(bytes: Uint8Array) {
  const half = bytes.slice(0, 32);
  const top = half[31] ?? 0;
  half[31] = top & 0x7f;
  const { xMn, xMd } = _map_to_curve_elligator2_curve25519(Fp.create(bytesToNumberLE(half)));
  // u = -1 is not on the curve, so u + 1 has an inverse.
  const encoded = Fp.toBytes(Fp.div(Fp.sub(xMn, xMd), Fp.add(xMn, xMd)));
  encoded[31] = (encoded[31] ?? 0) | (top & 0x80);
  // Without RFC 8032's strictness: r = 0 gives y = -1, whose x has no sign. Eight times that is the identity.
  return Point.fromBytes(encoded, true).clearCofactor();
}
