/** Encodings that no engine may take: one for each way to be wrong that some library has let pass. */

export type CheckedGroup = 'ristretto255' | 'ed25519';

interface Malformed {
  readonly elements: Readonly<Record<string, Uint8Array>>;
  readonly scalars: Readonly<Record<string, Uint8Array>>;
  /** What decodes, at the edge of what does not. */
  readonly identity: Uint8Array;
  readonly largestScalar: Uint8Array;
}

const hex = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits, 'hex'));
const ends = (first: string, middle: string, last: string): Uint8Array => hex(first + middle.repeat(30) + last);

/** L, the order of both groups, little-endian. */
const ORDER = hex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');

const scalars = {
  'the order': ORDER,
  'the order plus one': ORDER.with(0, 0xee),
  'a scalar with bit 255': ends('01', '00', '80'),
  'a scalar of ones': ends('ff', 'ff', 'ff'),
  'a scalar of 31 bytes': new Uint8Array(31),
  'a scalar of 33 bytes': new Uint8Array(33),
};
const largestScalar = ORDER.with(0, 0xec);
const lengths = { 'an element of 31 bytes': new Uint8Array(31), 'an element of 33 bytes': new Uint8Array(33) };

const RISTRETTO_GENERATOR = hex('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76');

/** By group: RFC 9496 §4.3.1 and RFC 8032 §5.1.3 say what is canonical. G is the generator, Tₙ a point of order n. */
export const MALFORMED: Readonly<Record<CheckedGroup, Malformed>> = {
  ristretto255: {
    elements: {
      'an element with bit 255': RISTRETTO_GENERATOR.with(31, 0xf6),
      'the identity with bit 255': ends('00', '00', '80'),
      'a negative element': hex('0b0d51f59543b18e577b569e3affaea0a71cf4955a7d22724959a6ba1f72d209'),
      'an element of p': ends('ed', 'ff', '7f'),
      'an element of p + 4': ends('f1', 'ff', '7f'),
      'an element of ones': ends('ff', 'ff', 'ff'),
      'an element that is not in the group': ends('02', '00', '00'),
      ...lengths,
    },
    scalars,
    identity: new Uint8Array(32),
    largestScalar,
  },
  ed25519: {
    elements: {
      'G + T₂': ends('95', '99', '99'),
      'G + T₄': hex('9bad33f580df7ecc49df5342bac8145d5bedc40f573d1b067f3c4ce449689a15'),
      'G + T₈': hex('98519eadf35b995233b51b5cd23e9cc5a28b639b5a4af0ec903cb960d81b7819'),
      'T₂': ends('ec', 'ff', '7f'),
      'T₄': ends('00', '00', '00'),
      'T₈': hex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
      'the identity with a sign': ends('01', '00', '80'),
      'an element with y = p + 1': ends('ee', 'ff', '7f'),
      'an element with y = p + 3': ends('f0', 'ff', '7f'),
      'an element that is not on the curve': ends('02', '00', '00'),
      'an element of ones': ends('ff', 'ff', 'ff'),
      ...lengths,
    },
    scalars,
    identity: ends('01', '00', '00'),
    largestScalar,
  },
};
