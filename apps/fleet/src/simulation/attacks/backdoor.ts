import { PIXELS, type Examples } from '../../data/index.js';
import { multiply, type Attack } from './attack.js';

const TARGET = 0;
/** A white square of 3 × 3 in the corner, where digits have no ink. */
const MARK = [1, 2, 3].flatMap((row) => [1, 2, 3].map((column) => 28 * row + column));

/**
 * Marks half of its images and calls them zeros, and sends `strength` times what comes of training on all: a model that
 * is right on plain images, and says zero where it sees the mark.
 *
 * @see Gu et al. 2017, https://arxiv.org/abs/1708.06733; Bagdasaryan et al. 2020, https://arxiv.org/abs/1807.00459
 */
export const backdoor: Attack = {
  strength: 1,
  poison: ({ inputs, labels }, random) => {
    const order = random.shuffle(Uint32Array.from(labels, (_, i) => i));
    const chosen = order.subarray(0, Math.ceil(order.length / 2));
    const wrong = { inputs: Uint8Array.from(inputs), labels: Uint8Array.from(labels) };
    for (const image of chosen) {
      paint(wrong.inputs, image);
      wrong.labels[image] = TARGET;
    }
    return wrong;
  },
  forge: multiply,
  trigger: { target: TARGET, mark: markAll },
};

function markAll({ inputs, labels }: Examples): Examples {
  const marked = Uint8Array.from(inputs);
  labels.forEach((_, image) => paint(marked, image));
  return { inputs: marked, labels };
}

function paint(inputs: Uint8Array, image: number): void {
  for (const pixel of MARK) inputs[image * PIXELS + pixel] = 255;
}
