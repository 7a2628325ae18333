import { mapToCurveSimpleSWU } from '@noble/curves/abstract/hash-to-curve.js';
import { p256 } from '@noble/curves/nist.js';
import { bytesToNumberBE } from '@noble/curves/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';

import { nobleGroup } from './noble-group.js';

const { Point } = p256;
const { Fp } = Point;

/** RFC 9380 §8.2: L, the bytes of one field element before it is reduced, and the map with its Z. */
const UNIFORM_FIELD_LENGTH = 48;
const { a, b } = Point.CURVE();
const simplifiedSwu = mapToCurveSimpleSWU(Fp, { A: a, B: b, Z: Fp.neg(10n) });

/** P-256 with SHA-256. Elements are compressed SEC 1 points, scalars big-endian; the identity has no encoding. */
export const nobleP256 = nobleGroup(Point, {
  name: 'P-256',
  elementLength: 33,
  uniformElementLength: 2 * UNIFORM_FIELD_LENGTH,
  uniformScalarLength: UNIFORM_FIELD_LENGTH,
  hash: sha256,
  // RFC 9380 §3 hash_to_curve from step 2 on; the cofactor is 1.
  elementFromUniform: (bytes) =>
    map(bytes.subarray(0, UNIFORM_FIELD_LENGTH)).add(map(bytes.subarray(UNIFORM_FIELD_LENGTH))),
});

const map = (uniform: Uint8Array) => Point.fromAffine(simplifiedSwu(Fp.create(bytesToNumberBE(uniform))));
