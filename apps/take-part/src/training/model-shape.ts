/** What of a model can be told without building it. */
export interface ModelShape {
  /** without the batch, as [28, 28, 1]; undefined where the description does not say */
  readonly inputShape: readonly number[] | undefined;
  readonly classes: number;
  /** for TensorFlow.js; undefined where nothing says how the numbers are used */
  readonly topology: object | undefined;
}

type Layout = readonly { readonly name: string; readonly shape: readonly number[] }[];

/**
 * @param topology  of the use case, where it has one. A bare layout of one matrix and one bias is softmax regression;
 *   more of them could be many things, and this page guesses none
 */
export function shapeOfModel(topology: object | undefined, layout: Layout): ModelShape {
  const classes = layout.at(-1)!.shape.at(-1) ?? 1;
  if (topology !== undefined) return { inputShape: inputShapeOf(topology), classes, topology };
  const [weights, bias] = layout;
  const isDense = layout.length === 2 && weights!.shape.length === 2 && bias!.shape.length === 1;
  if (!isDense || weights!.shape[1] !== bias!.shape[0]) return { inputShape: undefined, classes, topology: undefined };
  return { inputShape: [weights!.shape[0]!], classes, topology: softmaxRegression(weights!.shape[0]!, classes) };
}

function inputShapeOf(topology: object): number[] | undefined {
  const { config } = topology as { config?: unknown };
  const layers: unknown = Array.isArray(config) ? config : (config as { layers?: unknown } | undefined)?.layers;
  const [first] = Array.isArray(layers) ? (layers as { config?: Record<string, unknown> }[]) : [];
  const shape = first?.config?.['batch_input_shape'] ?? first?.config?.['batchInputShape'];
  if (!Array.isArray(shape) || shape.length < 2 || !shape.slice(1).every(Number.isInteger)) return undefined;
  return shape.slice(1) as number[];
}

function softmaxRegression(inputs: number, units: number): object {
  const config = { name: 'logits', units, activation: 'linear', use_bias: true, batch_input_shape: [null, inputs] };
  return { class_name: 'Sequential', config: { name: 'softmax', layers: [{ class_name: 'Dense', config }] } };
}

/** Whether what a model takes can be drawn: one picture of 28 × 28. */
export const isDrawable = (shape: readonly number[] | undefined): boolean =>
  shape !== undefined && ['784', '28,28', '28,28,1'].includes(shape.join());
