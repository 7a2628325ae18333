/**
 * Prints `poprf-own.json`: vectors of our own, in the form of RFC 9497's authors. noble alone makes them, so
 * that our suite is held to bytes it did not produce. See SOURCES.md.
 */
import { fileURLToPath } from 'node:url';

import { mapHashToField } from '@noble/curves/abstract/modular.js';
import type { OPRF } from '@noble/curves/abstract/oprf.js';
import { ristretto255, ristretto255_oprf } from '@noble/curves/ed25519.js';
import { p256, p256_oprf } from '@noble/curves/nist.js';
import { asciiToBytes, bytesToHex, concatBytes, numberToBytesBE } from '@noble/curves/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';

import type { Rfc9497Suite, Rfc9497Vector } from '#credential';

const SEED = 'starling poprf-own v1';

type Bytes = Uint8Array<ArrayBuffer>;
type Random = (length?: number) => Bytes;
type Mode = 0 | 1 | 2;

interface Group {
  readonly oprf: OPRF;
  readonly hash: string;
  /** Random bytes to scalar, as noble does it, encoded. */
  toScalar(bytes: Bytes): Bytes;
}

const GROUPS: readonly Group[] = [
  {
    oprf: ristretto255_oprf,
    hash: 'SHA512',
    toScalar: (bytes) => mapHashToField(bytes, ristretto255.Point.Fn.ORDER, true),
  },
  { oprf: p256_oprf, hash: 'SHA256', toScalar: (bytes) => mapHashToField(bytes, p256.Point.Fn.ORDER, false) },
];

/** Lengths in bytes that are special: a token's, none, longer than a hash block; batches of one, two and five. */
const SHAPES = [
  { batch: 1, inputLength: 32, infoLength: 40 },
  { batch: 2, inputLength: 1, infoLength: 0 },
  { batch: 5, inputLength: 200, infoLength: 300 },
] as const;

/** The file, the same on every machine. */
export function makeVectors(): Rfc9497Suite[] {
  return GROUPS.flatMap((group) => ([0, 1, 2] as const).map((mode) => makeSuite(group, mode)));
}

function makeSuite({ oprf, hash, toScalar }: Group, mode: Mode): Rfc9497Suite {
  const random = seeded(`${SEED} ${oprf.name} ${mode}`);
  const [seed, keyInfo] = [random(32), random(11)];
  const keys = [oprf.oprf, oprf.voprf, oprf.poprf(keyInfo)][mode]?.deriveKeyPair(seed, keyInfo);
  if (keys === undefined) throw new RangeError('no such mode');
  const dst = concatBytes(asciiToBytes('HashToGroup-OPRFV1-'), Uint8Array.of(mode), asciiToBytes(`-${oprf.name}`));
  return {
    groupDST: bytesToHex(dst),
    hash,
    identifier: oprf.name,
    keyInfo: bytesToHex(keyInfo),
    mode,
    // Like the RFC's own, mode OPRF has no public key.
    ...(mode === 0 ? {} : { pkSm: bytesToHex(keys.publicKey) }),
    seed: bytesToHex(seed),
    skSm: bytesToHex(keys.secretKey),
    vectors: SHAPES.map(({ batch, inputLength, infoLength }) => {
      const inputs = Array.from({ length: batch }, () => random(inputLength));
      const [info, nonce] = [random(infoLength), random(48)];
      const round = play(oprf, mode, { ...keys, inputs, info, nonce, random });
      const proof = { Proof: { proof: bytesToHex(round.proof), r: bytesToHex(toScalar(nonce)) } };
      return {
        Batch: batch,
        ...round.fields,
        ...(mode === 2 ? { Info: bytesToHex(info) } : {}),
        ...(mode > 0 ? proof : {}),
      };
    }),
  };
}

interface Play {
  readonly secretKey: Bytes;
  readonly publicKey: Bytes;
  readonly inputs: readonly Bytes[];
  readonly info: Bytes;
  /** The proof's randomness. */
  readonly nonce: Bytes;
  readonly random: Random;
}

/** Device and issuer in turn, all by noble. */
function play(oprf: OPRF, mode: Mode, { secretKey, publicKey, inputs, info, nonce, random }: Play) {
  const poprf = oprf.poprf(info);
  const rows = inputs.map((input) => ({ input, ...blind(input) }));
  const blinded = rows.map((row) => row.blinded);
  const { evaluated, proof } = evaluate();
  const items = rows.map((row, i) => ({ ...row, evaluated: evaluated[i] ?? new Uint8Array(0) }));
  return { proof, fields: fieldsOf(items, finalize()) };

  function blind(input: Bytes) {
    if (mode === 2) return poprf.blind(input, publicKey, random);
    return (mode === 1 ? oprf.voprf : oprf.oprf).blind(input, random);
  }
  function evaluate() {
    if (mode === 2) return poprf.blindEvaluateBatch(secretKey, blinded, () => nonce);
    if (mode === 1) return oprf.voprf.blindEvaluateBatch(secretKey, publicKey, blinded, () => nonce);
    return { evaluated: blinded.map((b) => oprf.oprf.blindEvaluate(secretKey, b)), proof: new Uint8Array(0) };
  }
  function finalize() {
    if (mode === 2) return poprf.finalizeBatch(items, proof, poprf.blind(info, publicKey, random).tweakedKey);
    if (mode === 1) return oprf.voprf.finalizeBatch(items, publicKey, proof);
    return items.map((item) => oprf.oprf.finalize(item.input, item.blind, item.evaluated));
  }
}

type Item = Readonly<Record<'input' | 'blind' | 'blinded' | 'evaluated', Uint8Array>>;

const fieldsOf = (items: readonly Item[], outputs: readonly Uint8Array[]) =>
  ({
    Blind: join(items.map(({ blind }) => blind)),
    BlindedElement: join(items.map(({ blinded }) => blinded)),
    EvaluationElement: join(items.map(({ evaluated }) => evaluated)),
    Input: join(items.map(({ input }) => input)),
    Output: join(outputs),
  }) satisfies Partial<Rfc9497Vector>;

const join = (values: readonly Uint8Array[]): string => values.map((value) => bytesToHex(value)).join(',');

/** SHA-256 of a label and a counter, strung together. */
function seeded(label: string): Random {
  let counter = 0;
  return (length = 32) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      const block = sha256(concatBytes(asciiToBytes(label), numberToBytesBE(counter++, 4)));
      bytes.set(block.subarray(0, length - at), at);
    }
    return bytes;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(makeVectors(), null, 1));
