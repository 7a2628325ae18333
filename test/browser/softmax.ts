import { loadDigits, splitTest, toInput, type Examples } from '../../apps/fleet/src/data/index.js';

const [PIXELS, CLASSES] = [784, 10];

/** Softmax regression on digits, without TensorFlow.js: small enough for a test, good enough to read what is drawn. */
export const SOFTMAX = {
  topology: {
    class_name: 'Sequential',
    config: {
      name: 'softmax',
      layers: [
        {
          class_name: 'Dense',
          config: {
            name: 'logits',
            units: CLASSES,
            activation: 'linear',
            use_bias: true,
            batch_input_shape: [null, PIXELS],
          },
        },
      ],
    },
  },
  layout: [
    { name: 'logits/kernel', shape: [PIXELS, CLASSES] },
    { name: 'logits/bias', shape: [CLASSES] },
  ],
};

export interface Digits {
  readonly train: Examples;
  readonly test: Examples;
}

export const digits = async (): Promise<Digits> => splitTest(await loadDigits('.cache'), 1, 400);

/** One pass over the examples [from, to), by plain gradient steps. */
export function trained(
  parameters: Float32Array,
  examples: Examples,
  [from, to]: readonly [number, number],
): Float32Array {
  const next = Float32Array.from(parameters);
  const inputs = toInput(examples.inputs.subarray(from * PIXELS, to * PIXELS));
  for (let i = 0; i < to - from; i++) {
    step(next, inputs.subarray(i * PIXELS, (i + 1) * PIXELS), examples.labels[from + i]!);
  }
  return next;
}

const RATE = 0.05;

function step(parameters: Float32Array, input: Float32Array, label: number): void {
  const logits = Array.from({ length: CLASSES }, (_, c) => parameters[PIXELS * CLASSES + c]!);
  for (let p = 0; p < PIXELS; p++) {
    if (input[p] === 0) continue;
    for (let c = 0; c < CLASSES; c++) logits[c]! += input[p]! * parameters[p * CLASSES + c]!;
  }
  const most = Math.max(...logits);
  const shares = logits.map((logit) => Math.exp(logit - most));
  const sum = shares.reduce((a, b) => a + b, 0);
  for (let c = 0; c < CLASSES; c++) {
    const wrong = RATE * (shares[c]! / sum - (c === label ? 1 : 0));
    for (let p = 0; p < PIXELS; p++) parameters[p * CLASSES + c]! -= wrong * input[p]!;
    parameters[PIXELS * CLASSES + c]! -= wrong;
  }
}
