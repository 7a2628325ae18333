import { decodeSafetensors, shapeLength } from '#learning';

import { FileProblem, toExamples, type Examples, type Expected } from './examples.js';

const MAX_BYTES = 200 * 2 ** 20;

/**
 * Examples from a file's bytes: JSON `{ "inputs": […], "labels": […] }`, CSV with the label in the column `label` or
 * the last one, or safetensors with `inputs` and `labels`.
 *
 * @throws FileProblem
 */
export function readExamples(name: string, bytes: Uint8Array, expected: Expected): Examples {
  if (bytes.length === 0) throw new FileProblem('The file is empty.');
  if (bytes.length > MAX_BYTES) throw new FileProblem('The file is larger than 200 MB.');
  if (/\.safetensors$/i.test(name)) return readSafetensors(bytes, expected);
  const text = new TextDecoder().decode(bytes).replace(/^\uFEFF/, '');
  return /^\s*[[{]/.test(text) ? readJson(text, expected) : readCsv(text, expected);
}

function readJson(text: string, expected: Expected): Examples {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FileProblem('The file begins like JSON, and is none.');
  }
  const { inputs, labels } = (value ?? {}) as { inputs?: unknown; labels?: unknown };
  if (!Array.isArray(inputs) || !Array.isArray(labels)) {
    throw new FileProblem('The JSON has no two lists "inputs" and "labels".');
  }
  const rows = inputs.map((input) => (Array.isArray(input) ? (input.flat(8) as number[]) : [Number.NaN]));
  return toExamples(rows, labels as number[], expected, (i) => `Input ${i + 1}`);
}

function readCsv(text: string, expected: Expected): Examples {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const cells = lines.map((line) => line.split(line.includes(';') ? ';' : ',').map((cell) => cell.trim()));
  const first = cells[0] ?? [];
  const hasHeader = first.some((cell) => cell === '' || Number.isNaN(Number(cell)));
  const names = hasHeader ? first.map((cell) => cell.replaceAll('"', '').toLowerCase()) : [];
  const labelled = names.indexOf('label');
  const body = hasHeader ? cells.slice(1) : cells;
  if (body.some((row) => row.length < 2)) {
    throw new FileProblem('A line of a CSV file needs at least one number and a label, with commas between.');
  }
  const at = (row: readonly string[]): number => (labelled < 0 ? row.length - 1 : labelled);
  const rows = body.map((row) => row.filter((_, j) => j !== at(row)).map(toNumber));
  const labels = body.map((row) => toNumber(row[at(row)] ?? ''));
  return toExamples(rows, labels, expected, (i) => `Line ${i + (hasHeader ? 2 : 1)}`);
}

/** An empty cell is no zero. */
const toNumber = (cell: string): number => (cell === '' ? Number.NaN : Number(cell));

function readSafetensors(bytes: Uint8Array, expected: Expected): Examples {
  const tensors = new Map(decoded(bytes).map((tensor) => [tensor.name, tensor]));
  const [inputs, labels] = [tensors.get('inputs'), tensors.get('labels')];
  if (inputs === undefined || labels === undefined) {
    throw new FileProblem('The safetensors file has no two tensors "inputs" and "labels".');
  }
  const length = shapeLength(inputs.shape.slice(1));
  const rows = Array.from({ length: inputs.shape[0] ?? 0 }, (_, i) =>
    inputs.data.subarray(i * length, (i + 1) * length),
  );
  return toExamples(rows, labels.data, expected, (i) => `Input ${i + 1}`);
}

function decoded(bytes: Uint8Array) {
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    throw new FileProblem(`The file is no safetensors file of float32 tensors: ${why}.`);
  }
}
