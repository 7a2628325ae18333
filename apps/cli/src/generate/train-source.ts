import { softmaxOf, type Blueprint } from './blueprint.js';

/** `src/train.ts`: a training that works where the layout says all, else one that measures and says what is missing. */
export function trainSource(blueprint: Blueprint): string {
  const softmax = softmaxOf(blueprint);
  return softmax === undefined ? MEASURING : softmaxSource(blueprint, softmax);
}

const EXAMPLES = `/** What this device learns from. It never leaves the device. */
export interface Examples {
  readonly inputs: readonly (readonly number[])[];
  /** classes, from 0 */
  readonly labels: readonly number[];
}
`;

const MEASURING = `import type { TrainingInput } from '@starling/client';

import { normOf, tensorsOf } from './model.js';
import { LAYOUT } from './use-case.js';

${EXAMPLES}
/**
 * Measures the model and leaves it as it is: the layout alone does not say how its tensors are used, so your training
 * goes here. Change \`parameters\` in place or return a vector of the same length; \`tensorsOf\` names its parts. What is
 * returned unchanged is sent as an update of zeros, which counts as one device that would change nothing.
 */
export function train({ parameters, clip }: TrainingInput, examples: Examples): Float32Array {
  const tensors = tensorsOf(parameters);
  console.log(\`\${examples.labels.length} examples; a change is cut down to a norm of \${clip}\`);
  for (const { name, shape } of LAYOUT) console.log(\`\${name} [\${shape.join(' × ')}] norm \${normOf(tensors[name]).toPrecision(4)}\`);
  return parameters;
}
`;

const softmaxSource = (
  { places: [weights, bias] }: Blueprint,
  { inputs, classes }: { readonly inputs: number; readonly classes: number },
): string => `import type { TrainingInput } from '@starling/client';

import { tensorsOf } from './model.js';

${EXAMPLES}
const INPUTS = ${inputs};
const CLASSES = ${classes};
const LOCAL_EPOCHS = 5;
const LEARNING_RATE = 0.1;

/** Softmax regression by plain SGD, one example at a time, in the order given. Put a training of your own here. */
export function train({ parameters, proximalMu }: TrainingInput, examples: Examples): Float32Array {
  const start = parameters.slice();
  const { ${JSON.stringify(weights!.name)}: weights, ${JSON.stringify(bias!.name)}: bias } = tensorsOf(parameters);
  for (let pass = 0; pass < LOCAL_EPOCHS; pass++) {
    for (const [i, input] of examples.inputs.entries()) {
      const label = examples.labels[i]!;
      if (input.length !== INPUTS || !(label >= 0 && label < CLASSES)) {
        throw new RangeError(\`example \${i} is not \${INPUTS} numbers with a label from 0 to \${CLASSES - 1}\`);
      }
      const errors = errorsOf(weights, bias, { input, label });
      for (let c = 0; c < CLASSES; c++) {
        const step = LEARNING_RATE * errors[c]!;
        bias[c]! -= step;
        for (let k = 0; k < INPUTS; k++) weights[k * CLASSES + c]! -= step * input[k]!;
      }
    }
    // FedProx's pull towards the round's model, where the task asks for it.
    if (proximalMu > 0) parameters.forEach((value, j) => (parameters[j] = value - LEARNING_RATE * proximalMu * (value - start[j]!)));
  }
  return parameters;
}
${GRADIENT}`;

const GRADIENT = `
/** Probability of each class less what it should be: the gradient of the cross-entropy. */
function errorsOf(
  weights: Float32Array,
  bias: Float32Array,
  { input, label }: { readonly input: readonly number[]; readonly label: number },
): Float64Array {
  const logits = Float64Array.from(bias);
  for (let k = 0; k < INPUTS; k++) {
    const value = input[k]!;
    if (value !== 0) for (let c = 0; c < CLASSES; c++) logits[c]! += value * weights[k * CLASSES + c]!;
  }
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power, c) => power / sum - (c === label ? 1 : 0));
}
`;
