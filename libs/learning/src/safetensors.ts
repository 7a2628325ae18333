import { z } from 'zod';

import { LearningError } from './errors.js';
import { decodeFloat32LE, writeFloat32LE } from './float32-bytes.js';
import { shapeLength, type NamedTensor } from './layout.js';

/** Far above any header of ours, far below what would hurt to parse. */
const MAX_HEADER_BYTES = 2 ** 20;
const NAME = /^[\w./:-]{1,200}$/;

const size = z
  .int()
  .min(0)
  .max(2 ** 31);
const TensorEntry = z.strictObject({
  dtype: z.literal('F32'),
  shape: z.array(size).max(8),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

interface Slice {
  readonly name: string;
  readonly shape: number[];
  readonly start: number;
  readonly end: number;
}

/**
 * A model as one safetensors file. Canonical: the same tensors in the same order give the same bytes.
 *
 *   u64 LE header length ‖ header JSON, padded with spaces to 8 bytes ‖ float32 LE data, no gaps
 *
 * @throws LearningError `malformed_model` for a repeated or unusual name, or data that does not fit its shape
 * @see https://github.com/huggingface/safetensors#format
 */
export function encodeSafetensors(tensors: readonly NamedTensor[]): Uint8Array {
  if (new Set(tensors.map(({ name }) => name)).size !== tensors.length) refuse('a tensor name is repeated');
  let end = 0;
  const entries = tensors.map(({ name, shape, data }) => {
    if (!NAME.test(name) || name === '__metadata__') refuse('a tensor name is not plain ASCII');
    if (data.length !== shapeLength(shape)) refuse(`${name} holds ${data.length} numbers`);
    const start = end;
    end += 4 * data.length;
    // Not JSON.stringify of one object: it would move names that look like integers to the front.
    return `"${name}":${JSON.stringify({ dtype: 'F32', shape, data_offsets: [start, end] })}`;
  });
  const header = `{${entries.join(',')}}`;
  const headerLength = Math.ceil(header.length / 8) * 8;
  if (headerLength > MAX_HEADER_BYTES) refuse('the header would be too long');

  const bytes = new Uint8Array(8 + headerLength + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  for (let i = 0; i < header.length; i++) bytes[8 + i] = header.charCodeAt(i);
  let offset = 8 + headerLength;
  for (const { data } of tensors) {
    writeFloat32LE(data, bytes.subarray(offset, offset + 4 * data.length));
    offset += 4 * data.length;
  }
  return bytes;
}

/**
 * The tensors of a safetensors file, in the order of their data, views of the bytes where those are aligned;
 * `__metadata__` is skipped.
 * Strict: only float32, an ASCII header, no gap, no overlap, nothing after the last tensor.
 *
 * @throws LearningError `malformed_model`
 */
export function decodeSafetensors(bytes: Uint8Array): NamedTensor[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headerLength = readHeaderLength(view);
  const slices = parseHeader(headerText(bytes.subarray(8, 8 + headerLength)));
  checkTiling(slices, bytes.length - 8 - headerLength);
  const data = bytes.subarray(8 + headerLength);
  return slices.map(({ name, shape, start, end }) => ({
    name,
    shape,
    data: decodeFloat32LE(data.subarray(start, end)),
  }));
}

function readHeaderLength(view: DataView): number {
  if (view.byteLength < 8) refuse('shorter than its own length field');
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) refuse('the header is too long');
  if (8 + Number(length) > view.byteLength) refuse('the header is cut off');
  return Number(length);
}

function headerText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) refuse('the header is not printable ASCII');
    text += String.fromCharCode(byte);
  }
  return text;
}

function parseHeader(text: string): Slice[] {
  if (!text.startsWith('{')) refuse('the header is not a JSON object');
  const header = parseJson(text);
  // JSON.parse keeps the last of two equal keys: then the text is longer than what it says.
  if (withoutSpaces(JSON.stringify(header)).length !== withoutSpaces(text).length) {
    refuse('the header repeats a key or writes a number in an unusual way');
  }
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => {
      const entry = TensorEntry.safeParse(value);
      if (!NAME.test(name) || !entry.success) return refuse('the header describes something that is no float32 tensor');
      const [start, end] = entry.data.data_offsets;
      return { name, shape: entry.data.shape, start, end };
    })
    .sort((a, b) => a.start - b.start || a.end - b.end);
}

function parseJson(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    // No cause: a parser's message quotes the text.
    return refuse('the header is not JSON');
  }
}

function checkTiling(slices: readonly Slice[], dataLength: number): void {
  let next = 0;
  for (const { name, shape, start, end } of slices) {
    if (start !== next) refuse(`${name} leaves a gap or overlaps`);
    if (end - start !== 4 * shapeLength(shape)) refuse(`${name} is not as long as its shape`);
    next = end;
  }
  if (next !== dataLength) refuse(`expected ${next} bytes of data, got ${dataLength}`);
}

const withoutSpaces = (text: string): string => text.replaceAll(' ', '');

function refuse(reason: string): never {
  throw new LearningError('malformed_model', reason);
}
