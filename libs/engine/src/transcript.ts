/** What an engine computes from given random bytes: equal for all engines that are right. */
import { DEFAULT_SUITE, suiteOf, type Engine, type Group } from '#credential';

/** Every result by its name. */
export type Transcript = Readonly<Record<string, Uint8Array>>;

/** Each bit below 2^252 is set in one of them: a product that leaves out a bit is wrong for one. */
const ODD_BITS = new Uint8Array(32).fill(0x55).fill(0x05, 31);
const EVEN_BITS = new Uint8Array(32).fill(0xaa).fill(0x0a, 31);

const ONE = new Uint8Array(32).fill(1, 0, 1);

/**
 * Every operation of a group on inputs from a tape of at least 128 bytes. All results are made before the first is
 * read: an engine that hands out the memory it computes in has overwritten some by then.
 */
export function operate<E, S>(group: Group<E, S>, tape: Uint8Array): Transcript {
  const [a, b] = [tape.subarray(0, 64), tape.subarray(64, 128)];
  const [p, q] = [group.elementFromUniform(a), group.elementFromUniform(b)];
  const [k, l] = [group.scalarFromUniform(a), group.scalarFromUniform(b)];
  const [odd, even] = [group.decodeScalar(ODD_BITS)!, group.decodeScalar(EVEN_BITS)!];
  const elements = {
    map: p,
    decode: group.decodeElement(group.encodeElement(q))!,
    add: group.add(p, q),
    double: group.add(p, p),
    subtract: group.subtract(p, q),
    cancel: group.subtract(p, p),
    multiply: group.multiply(p, k),
    multiplyOddBits: group.multiply(p, odd),
    multiplyEvenBits: group.multiply(q, even),
    multiplyGenerator: group.multiplyGenerator(k),
    generatorOddBits: group.multiplyGenerator(odd),
    sumOfProducts: group.sumOfProducts([p, group.generator, q], [k, l, odd]),
    emptySum: group.sumOfProducts([p], [group.subtractScalars(k, k)]),
    ...sumsOfMany(group, [p, q], [k, l, odd, even]),
  };
  const scalars = operateOnScalars(group, k, l);
  const identities = Uint8Array.of(Number(group.isIdentity(elements.cancel)), Number(group.isIdentity(p)));
  return {
    hash: group.hash(tape),
    hashNothing: group.hash(new Uint8Array(0)),
    hashMuch: group.hash(new Uint8Array(8191).fill(1)),
    ...mapValues(elements, (element) => group.encodeElement(element)),
    ...scalars,
    identities,
  };
}

/** Sums of more pairs than an engine takes one by one: of all sorts, and of the same with its opposite. */
function sumsOfMany<E, S>(group: Group<E, S>, [p, q]: readonly [E, E], [k, l, odd, even]: readonly [S, S, S, S]) {
  const { generator, add, subtract, subtractScalars } = group;
  const [identity, opposite, zero] = [subtract(p, p), subtract(subtract(q, q), p), subtractScalars(k, k)];
  const [one, last] = [group.decodeScalar(ONE)!, subtractScalars(zero, group.decodeScalar(ONE)!)];
  const elements = [p, q, generator, identity, add(q, q), opposite, p, q, generator];
  return {
    sumOfMany: group.sumOfProducts(elements, [k, l, odd, even, even, odd, zero, last, one]),
    sumOfOpposites: group.sumOfProducts([p, p, p, opposite, opposite, opposite], [k, even, l, l, k, even]),
  };
}

function operateOnScalars<S>(group: Group<unknown, S>, k: S, l: S): Transcript {
  const zero = group.subtractScalars(l, l);
  const scalars = {
    reduce: k,
    addScalars: group.addScalars(k, l),
    subtractScalars: group.subtractScalars(k, l),
    multiplyScalars: group.multiplyScalars(k, l),
    invertScalar: group.invertScalar(k),
  };
  const again = group.decodeScalar(group.encodeScalar(k))!;
  const judgements = [group.isZero(zero), group.isZero(k), group.equalScalars(again, k), group.equalScalars(k, l)];
  return {
    ...mapValues(scalars, (value) => group.encodeScalar(value)),
    judgements: Uint8Array.from(judgements, Number),
  };
}

/** One issuance of two tokens and the redemption of one, on random bytes from a tape. */
export function issueAndRedeem(engine: Engine, tape: Uint8Array): Transcript {
  const suite = suiteOf(DEFAULT_SUITE, engine);
  let drawn = 0;
  const random = (length: number): Uint8Array => tape.slice(drawn, (drawn += length));
  const attributes = random(40);
  const keyPair = suite.deriveKeyPair(suite.generatePrimaryKey(random), attributes);
  const inputs = [random(32), random(32)];
  const { state, blinded } = suite.blind(inputs, keyPair, random);
  const { evaluated, proof } = suite.evaluate(keyPair, blinded, random);
  const [output] = suite.finalize(state, evaluated, proof);
  const redeemed = suite.evaluateInput(keyPair, inputs[0]!);
  return { public: keyPair.public, blinded: blinded[1]!, evaluated: evaluated[1]!, proof, output: output!, redeemed };
}

function mapValues<V, R>(record: Readonly<Record<string, V>>, map: (value: V) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
