import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';

import type { Group } from '../group.js';
import { nobleGroup } from './noble-group.js';

/** ristretto255 (RFC 9496) with SHA-512. Scalars are little-endian; the identity encodes as 32 zeros. */
export const nobleRistretto255: Group<InstanceType<typeof ristretto255.Point>, bigint> = nobleGroup(
  ristretto255.Point,
  {
    name: 'ristretto255',
    elementLength: 32,
    uniformElementLength: 64,
    uniformScalarLength: 64,
    hash: sha512,
    // RFC 9496 §4.3.4; noble's `hashToCurve` would expand a message first.
    elementFromUniform: (bytes) => ristretto255_hasher.deriveToCurve!(bytes),
  },
);
