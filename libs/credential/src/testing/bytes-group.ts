import { equalBytes } from '@noble/curves/utils.js';

import type { Engine, Group } from '../group.js';

/** How often each of a group's functions was called. */
export type Calls = Partial<Record<keyof Group, number>>;

/**
 * A group in the form that engines have whose library works on bytes: elements and scalars are their encodings, and
 * the identity is an array of its own. It says that it is constant time, which it is not, and counts its calls.
 */
export function bytesGroup<E, S>(inner: Group<E, S>): { group: Group<Uint8Array, Uint8Array>; calls: Calls } {
  const identity = new Uint8Array(0);
  const out = (element: E): Uint8Array => (inner.isIdentity(element) ? identity : inner.encodeElement(element));
  const decode = <T>(value: T | undefined): T => {
    if (value === undefined) throw new RangeError('an engine was handed what is no encoding');
    return value;
  };
  const element = (bytes: Uint8Array): E =>
    bytes === identity ? inner.subtract(inner.generator, inner.generator) : decode(inner.decodeElement(bytes));
  const scalar = (bytes: Uint8Array): S => decode(inner.decodeScalar(bytes));
  // Where it is left out, suites decode and multiply by themselves.
  const { decodeAndMultiply: _, ...rest } = inner;
  const group: Group<Uint8Array, Uint8Array> = {
    ...rest,
    constantTime: true,
    generator: out(inner.generator),
    decodeElement: (bytes) => (inner.decodeElement(bytes) === undefined ? undefined : bytes),
    encodeElement: (bytes) => bytes,
    isIdentity: (bytes) => bytes === identity || inner.isIdentity(element(bytes)),
    elementFromUniform: (bytes) => out(inner.elementFromUniform(bytes)),
    add: (a, b) => out(inner.add(element(a), element(b))),
    subtract: (a, b) => out(inner.subtract(element(a), element(b))),
    multiply: (bytes, secret) => out(inner.multiply(element(bytes), scalar(secret))),
    multiplyGenerator: (secret) => out(inner.multiplyGenerator(scalar(secret))),
    sumOfProducts: (elements, scalars) => out(inner.sumOfProducts(elements.map(element), scalars.map(scalar))),
    decodeScalar: (bytes) => (inner.decodeScalar(bytes) === undefined ? undefined : bytes),
    encodeScalar: (bytes) => bytes,
    isZero: (bytes) => inner.isZero(scalar(bytes)),
    equalScalars: (a, b) => equalBytes(a, b),
    scalarFromUniform: (bytes) => inner.encodeScalar(inner.scalarFromUniform(bytes)),
    addScalars: (a, b) => inner.encodeScalar(inner.addScalars(scalar(a), scalar(b))),
    subtractScalars: (a, b) => inner.encodeScalar(inner.subtractScalars(scalar(a), scalar(b))),
    multiplyScalars: (a, b) => inner.encodeScalar(inner.multiplyScalars(scalar(a), scalar(b))),
    invertScalar: (secret) => inner.encodeScalar(inner.invertScalar(scalar(secret))),
  };
  return counted(group);
}

function counted<G extends Group>(group: G): { group: G; calls: Calls } {
  const calls: Calls = {};
  const entries = Object.entries(group).map(([name, value]: [string, unknown]) => {
    if (typeof value !== 'function') return [name, value];
    const count = (...args: unknown[]): unknown => {
      calls[name as keyof Group] = (calls[name as keyof Group] ?? 0) + 1;
      return (value as (...args: unknown[]) => unknown)(...args);
    };
    return [name, count];
  });
  return { group: Object.fromEntries(entries) as G, calls };
}

/** An engine of these groups. */
export const engineOf = (name: string, groups: readonly Group[]): Engine => ({
  name,
  group: (wanted) => groups.find(({ name }) => name === wanted),
});
