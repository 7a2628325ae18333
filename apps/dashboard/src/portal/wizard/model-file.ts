import {
  decodeFloat32LE,
  decodeSafetensors,
  encodeSafetensors,
  layoutOfTensors,
  unflatten,
  type Layout,
  type NamedTensor,
} from '#learning';

/** A model out of files. */
export interface ParsedModel {
  readonly name: string;
  readonly layout: Layout;
  /** what the coordinator keeps: safetensors */
  readonly bytes: Uint8Array;
  /** the topology's JSON, where there is one */
  readonly topology: Uint8Array | null;
}

interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: unknown;
}

interface ModelJson {
  readonly modelTopology?: unknown;
  readonly weightsManifest?: readonly { readonly paths: readonly string[]; readonly weights: readonly WeightSpec[] }[];
}

/** One safetensors file, or a model.json with all the files that it names. @throws Error with a sentence for people */
export async function parseModel(files: readonly File[]): Promise<ParsedModel> {
  const json = files.find(({ name }) => name.endsWith('.json'));
  if (json !== undefined) return parseLayersModel(json, files);
  const [file, another] = files;
  if (file === undefined || another !== undefined)
    throw new Error('Choose one safetensors file, or a model.json together with its weights.');
  const bytes = await bytesOf(file);
  return { name: file.name, bytes, topology: null, layout: layoutOfTensors(tensorsOf(bytes, file.name)) };
}

const bytesOf = async (file: Blob): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());

export function tensorsOf(bytes: Uint8Array, name: string): NamedTensor[] {
  try {
    return decodeSafetensors(bytes);
  } catch (cause) {
    throw new Error(
      `${name} is no safetensors file of float32 tensors (F32, labels too): ${(cause as Error).message}.`,
      { cause },
    );
  }
}

async function parseLayersModel(json: File, files: readonly File[]): Promise<ParsedModel> {
  const { modelTopology, weightsManifest } = readJson(await json.text(), json.name);
  if (modelTopology === undefined || weightsManifest === undefined)
    throw new Error(`${json.name} is no TensorFlow.js layers model: it lacks modelTopology or weightsManifest.`);
  const specs = weightsManifest.flatMap(({ weights }) => weights);
  checkSpecs(specs);
  const parts: Uint8Array[] = [];
  for (const path of weightsManifest.flatMap(({ paths }) => paths)) parts.push(await weightsFile(path, files));
  const bytes = new Uint8Array(await new Blob(parts.map((part) => new Uint8Array(part))).arrayBuffer());
  const layout = specs.map(({ name, shape }) => ({ name, shape: [...shape] }));
  try {
    const tensors = unflatten(decodeFloat32LE(bytes), layout);
    const topology = new TextEncoder().encode(JSON.stringify(modelTopology));
    return { name: json.name, layout, bytes: encodeSafetensors(tensors), topology };
  } catch (cause) {
    throw new Error(`The weights do not fit ${json.name}: ${(cause as Error).message}.`, { cause });
  }
}

function readJson(text: string, name: string): ModelJson {
  try {
    return JSON.parse(text) as ModelJson;
  } catch (cause) {
    throw new Error(`${name} is not JSON.`, { cause });
  }
}

function checkSpecs(specs: readonly WeightSpec[]): void {
  const odd = specs.find(({ dtype, quantization }) => dtype !== 'float32' || quantization !== undefined);
  if (odd !== undefined) throw new Error(`${odd.name} is not plain float32: save the model without quantization.`);
  const still = specs.find(({ name }) => /moving_(mean|variance)$/.test(name));
  if (still !== undefined)
    throw new Error(
      `${still.name} is changed by no training, and no update would carry it: leave batch normalisation out.`,
    );
}

async function weightsFile(path: string, files: readonly File[]): Promise<Uint8Array> {
  const name = path.split('/').at(-1);
  const file = files.find((each) => each.name === name);
  if (file === undefined) throw new Error(`Choose ${path} as well: the model.json names it.`);
  return bytesOf(file);
}

/** How many examples an evaluation set has. @throws Error with a sentence for people */
export function examplesOf(bytes: Uint8Array, name: string): number {
  const tensors = new Map(tensorsOf(bytes, name).map((tensor) => [tensor.name, tensor]));
  const [inputs, labels] = [tensors.get('inputs'), tensors.get('labels')];
  if (inputs === undefined || labels === undefined)
    throw new Error(`${name} needs two tensors: inputs [n, …] and labels [n].`);
  if (inputs.shape[0] !== labels.data.length)
    throw new Error(`${name} has ${inputs.shape[0]} inputs and ${labels.data.length} labels.`);
  return labels.data.length;
}
