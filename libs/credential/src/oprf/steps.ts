/**
 * What devices and issuers do alike in all three modes of RFC 9497, batch by batch, with its checks. What takes a
 * group alone serves every suite.
 */
import { asciiToBytes, isBytes } from '@noble/curves/utils.js';

import { checkBatchSize, checkDistinct } from '../batch.js';
import { decodeElement, decodeSecretScalar, encodeElement, randomScalar, type EncodedElement } from '../encoding.js';
import { CredentialError } from '../errors.js';
import type { Group } from '../group.js';
import { checkInput, framed } from '../length-prefix.js';
import type { RandomBytes } from '../suite.js';
import type { Context } from './context.js';

/**
 * What the device keeps between blinding and finalizing; all lists have one entry an input, in the same order.
 * Secret, and plain bytes: it can be stored.
 */
export interface Blinds {
  readonly inputs: readonly Uint8Array[];
  readonly blinds: readonly Uint8Array[];
  readonly blinded: readonly Uint8Array[];
}

const FINALIZE = asciiToBytes('Finalize');

/** (Device) RFC 9497 §3.3.1 Blind, once an input; one scalar is drawn for each, in their order. Shares no array. */
export function blindAll<E, S>(context: Context<E, S>, inputs: readonly Uint8Array[], random: RandomBytes): Blinds {
  checkInputs(inputs);
  const { group } = context;
  const blinds: Uint8Array[] = [];
  const blinded: Uint8Array[] = [];
  for (const input of inputs) {
    const scalar = randomScalar(group, random);
    blinds.push(group.encodeScalar(scalar));
    blinded.push(encodeElement(group, group.multiply(context.hashToGroup(input), scalar), 'blinded element').bytes);
  }
  return { inputs: copies(inputs), blinds, blinded };
}

/** Elements that came in. @throws CredentialError for a batch of a wrong size or with the same element twice */
export function decodeBatch<E, S>(group: Group<E, S>, batch: readonly Uint8Array[], what: string): EncodedElement<E>[] {
  checkBatchSize(batch, `${what}s`);
  const elements = batch.map((bytes) => decodeElement(group, bytes, what));
  checkDistinct(batch, `${what}s`);
  return elements;
}

/** (Issuer) Elements that came in, and `secret ·` each. @throws CredentialError as `decodeBatch` */
export function multiplyBatch<E, S>(group: Group<E, S>, batch: readonly Uint8Array[], secret: S, what: string) {
  checkBatchSize(batch, `${what}s`);
  const pairs = batch.map((bytes) => decodeAndMultiply(group, bytes, secret, what));
  checkDistinct(batch, `${what}s`);
  return { elements: pairs.map(({ element }) => element), products: pairs.map(({ product }) => product) };
}

function decodeAndMultiply<E, S>(group: Group<E, S>, bytes: Uint8Array, secret: S, what: string) {
  const copy = isBytes(bytes) ? Uint8Array.from(bytes) : bytes;
  const both = isBytes(bytes) ? group.decodeAndMultiply?.(copy, secret) : undefined;
  // Where that is refused, what follows says why.
  const element = both === undefined ? decodeElement(group, bytes, what) : { element: both.element, bytes: copy };
  const product = both?.product ?? group.multiply(element.element, secret);
  return { element, product: encodeElement(group, product, 'evaluated element') };
}

/** The decoded halves of a finalization. A state comes back from storage: trust its types, not its shape. */
export function decodeRound<E, S>(group: Group<E, S>, state: Blinds, evaluated: readonly Uint8Array[]) {
  const { inputs, blinds, blinded } = state;
  checkInputs(inputs);
  if (blinds.length !== inputs.length || blinded.length !== inputs.length) {
    throw new CredentialError('mismatched_batch', 'the blind state holds lists of unequal length');
  }
  checkBatchSize(evaluated, 'evaluated elements');
  if (evaluated.length !== inputs.length) {
    throw new CredentialError('mismatched_batch', `${evaluated.length} evaluated, ${inputs.length} blinded`);
  }
  return {
    // First what costs least: an element of edwards25519 takes a multiplication.
    blinds: blinds.map((bytes) => decodeSecretScalar(group, bytes, 'blind')),
    evaluated: decodeBatch(group, evaluated, 'evaluated element'),
    blinded: blinded.map((bytes) => decodeElement(group, bytes, 'blinded element')),
  };
}

/** (Device) Takes the blinds off: the output of each input. Check the proof first. */
export function unblindAll<E, S>(
  context: Context<E, S>,
  inputs: readonly Uint8Array[],
  round: { readonly evaluated: readonly EncodedElement<E>[]; readonly blinds: readonly S[] },
  info?: Uint8Array,
): Uint8Array[] {
  const { group } = context;
  return inputs.map((input, i) => {
    const [evaluated, blind] = [round.evaluated[i], round.blinds[i]];
    if (evaluated === undefined || blind === undefined) throw new RangeError('lists of unequal length');
    return output(context, input, group.multiply(evaluated.element, group.invertScalar(blind)), info);
  });
}

/** (Who redeems) RFC 9497 §3.3 Evaluate: `secret` is 1/t in mode POPRF. */
export function evaluateWith<E, S>(
  context: Context<E, S>,
  secret: S,
  input: Uint8Array,
  info?: Uint8Array,
): Uint8Array {
  checkInput(input, 'input');
  return output(context, input, context.group.multiply(context.hashToGroup(input), secret), info);
}

/** RFC 9497 §3.3: Hash(LP(input) ‖ LP(info) ‖ LP(unblinded element) ‖ "Finalize"); only mode POPRF has an info. */
function output<E, S>({ group }: Context<E, S>, input: Uint8Array, unblinded: E, info?: Uint8Array): Uint8Array {
  const { bytes } = encodeElement(group, unblinded, 'unblinded element');
  return group.hash(framed(info === undefined ? [input, bytes] : [input, info, bytes], FINALIZE));
}

export function checkInputs(inputs: readonly Uint8Array[]): void {
  checkBatchSize(inputs, 'inputs');
  for (const input of inputs) checkInput(input, 'input');
}

export const copies = (list: readonly Uint8Array[]): Uint8Array[] => list.map((bytes) => Uint8Array.from(bytes));
