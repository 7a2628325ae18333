import { describe, expect, it } from '@jest/globals';

import {
  decodeSafetensors,
  encodeSafetensors,
  flatten,
  layoutLength,
  layoutOfTensors,
  unflatten,
  type NamedTensor,
} from './index.js';

const tensors: NamedTensor[] = [
  { name: 'hidden/kernel', shape: [2, 2], data: Float32Array.of(1, -2, 0.5, 3) },
  { name: '0', shape: [1], data: Float32Array.of(7) },
  { name: 'scalar', shape: [], data: Float32Array.of(-1) },
  { name: 'empty', shape: [0, 3], data: new Float32Array(0) },
];

const codeOf = (code: string) => expect.objectContaining({ code });

/** A file with this header and so many zero bytes of data. */
function file(header: string, dataLength: number, headerLength = header.length): Uint8Array {
  const bytes = Buffer.alloc(8 + header.length + dataLength);
  bytes.writeBigUInt64LE(BigInt(headerLength), 0);
  bytes.write(header, 8, 'latin1');
  return bytes;
}

describe('safetensors', () => {
  it('[LRN13] writes the published format byte for byte', () => {
    const bytes = Buffer.from(encodeSafetensors([{ name: 'w', shape: [2], data: Float32Array.of(1, -2) }]));
    const header = '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    expect(bytes.readBigUInt64LE(0)).toBe(56n); // header length, little-endian
    expect(bytes.toString('latin1', 8, 64)).toBe(header.padEnd(56, ' ')); // padded to 8 bytes with spaces
    expect(bytes.toString('hex', 64)).toBe('0000803f' + '000000c0'); // 1.0, -2.0
  });

  it('[LRN13] reads what it writes, at any offset, and writes it again the same', () => {
    const bytes = encodeSafetensors(tensors);
    expect((bytes.length - 4 * 6) % 8).toBe(0);
    const odd = new Uint8Array(bytes.length + 3);
    odd.set(bytes, 3);
    const back = decodeSafetensors(odd.subarray(3));
    expect(back.map(({ data }) => [...data])).toEqual([[1, -2, 0.5, 3], [7], [-1], []]);
    expect(encodeSafetensors(back)).toEqual(bytes);
  });

  it('[LRN13] reads files of other writers: metadata, spaces, tensors named out of order', () => {
    const b = '"b": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}';
    const a = '"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}';
    const read = decodeSafetensors(file(`{"__metadata__": {"format": "pt"}, ${b}, ${a}}`, 8));
    expect(read.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  const entry = (shape: string, offsets: string, dtype = 'F32'): string =>
    `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

  it.each([
    { name: 'nothing', bytes: new Uint8Array(0) },
    { name: 'a header longer than the file', bytes: file('{}', 0, 3) },
    { name: 'a header length of 2^63', bytes: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x80, 0x7b, 0x7d) },
    { name: 'a header too big', bytes: file('{}'.padEnd(2 ** 20 + 8), 0) },
    { name: 'no JSON', bytes: file('{"w"', 0) },
    { name: 'a list', bytes: file('[]', 0) },
    { name: 'a leading space', bytes: file(' {}', 0) },
    { name: 'a header beyond ASCII', bytes: file('{"\u00e9":1}', 0) },
    { name: 'another dtype', bytes: file(`{"w":${entry('[1]', '[0,4]', 'I32')}}`, 4) },
    { name: 'an unknown field', bytes: file('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}', 4) },
    { name: 'a negative size', bytes: file(`{"w":${entry('[-1]', '[0,4]')}}`, 4) },
    { name: 'a broken size', bytes: file(`{"w":${entry('[0.5,2]', '[0,4]')}}`, 4) },
    { name: 'a gap at the start', bytes: file(`{"w":${entry('[1]', '[4,8]')}}`, 8) },
    { name: 'a gap between', bytes: file(`{"a":${entry('[1]', '[0,4]')},"b":${entry('[1]', '[8,12]')}}`, 12) },
    { name: 'an overlap', bytes: file(`{"a":${entry('[2]', '[0,8]')},"b":${entry('[1]', '[4,8]')}}`, 8) },
    { name: 'one range twice', bytes: file(`{"a":${entry('[1]', '[0,4]')},"b":${entry('[1]', '[0,4]')}}`, 4) },
    { name: 'a key twice', bytes: file(`{"a":${entry('[1]', '[0,4]')},"a":${entry('[1]', '[0,4]')}}`, 4) },
    { name: 'offsets that turn back', bytes: file(`{"w":${entry('[1]', '[4,0]')}}`, 4) },
    { name: 'a shape of another length', bytes: file(`{"w":${entry('[2]', '[0,4]')}}`, 4) },
    { name: 'data after the end', bytes: file(`{"w":${entry('[1]', '[0,4]')}}`, 5) },
    { name: 'data cut off', bytes: file(`{"w":${entry('[1]', '[0,4]')}}`, 3) },
    { name: '1e0 for 1', bytes: file(`{"w":${entry('[1e0]', '[0,4]')}}`, 4) },
  ])('[LRN14] refuses $name', ({ bytes }) => {
    expect(() => decodeSafetensors(bytes)).toThrow(codeOf('malformed_model'));
  });

  it('[LRN14] refuses every file that lost its last byte or its first', () => {
    const bytes = encodeSafetensors(tensors);
    for (let cut = 0; cut < bytes.length; cut++) {
      expect(() => decodeSafetensors(bytes.subarray(0, cut))).toThrow(codeOf('malformed_model'));
    }
  });

  it.each([
    { name: 'a name twice', list: [tensors[0]!, tensors[0]!] },
    { name: 'a quote in a name', list: [{ ...tensors[0]!, name: 'a"b' }] },
    { name: 'the metadata key', list: [{ ...tensors[0]!, name: '__metadata__' }] },
    { name: 'data shorter than its shape', list: [{ ...tensors[0]!, shape: [5] }] },
  ])('[LRN14] does not write $name', ({ list }) => {
    expect(() => encodeSafetensors(list)).toThrow(codeOf('malformed_model'));
  });
});

describe('layout', () => {
  it('[LRN15] flattens in order and back', () => {
    const layout = layoutOfTensors(tensors);
    const flat = flatten(tensors);
    expect(layoutLength(layout)).toBe(6);
    expect([...flat]).toEqual([1, -2, 0.5, 3, 7, -1]);
    expect(unflatten(flat, layout)).toEqual(tensors);
  });

  it('[LRN15] refuses another length', () => {
    expect(() => unflatten(new Float32Array(5), layoutOfTensors(tensors))).toThrow(codeOf('dimension_mismatch'));
    expect(() => flatten([{ ...tensors[0]!, shape: [3] }])).toThrow(codeOf('dimension_mismatch'));
  });
});
