import { encodingOf, type EncodingChoice } from '#learning';
import { chooseBackend, evaluate, modelFromTopology, setParameters } from '#tensorflow';

import { loadDigits, splitTest, toInput, type Examples } from '../../apps/fleet/src/data/index.js';
import {
  DEMO_SETTINGS,
  initialParameters,
  MODELS,
  simulate,
  TrainingPool,
  type ModelName,
} from '../../apps/fleet/src/training/index.js';

export interface EncodingsBench {
  readonly model: ModelName;
  readonly seeds: readonly number[];
  readonly rounds: number;
}

export interface EncodingResult {
  readonly encoding: EncodingChoice;
  /** grid steps per unit: as many as the encoding takes at the demo's clip */
  readonly scale: number;
  /** of an update */
  readonly bytes: number;
  /** those of int32 over these */
  readonly ratio: number;
  /** on the test images after the last round, one a seed */
  readonly accuracies: readonly number[];
}

export interface EncodingsBenchResult extends EncodingsBench {
  readonly parameters: number;
  readonly encodings: readonly EncodingResult[];
}

/** As in the demo: 50 devices, of which the last three never get through. */
const [DEVICES, PARTICIPANTS, ALPHA] = [50, 47, 0.5];

/** The largest number that each holds: the finest grid is the one that makes use of it. */
const MOST: Readonly<Record<string, number>> = { int16: 2 ** 15 - 1, int8: 2 ** 7 - 1 };

/** The same task, seeds and devices with every encoding: what it saves, and what it costs. */
export async function benchEncodings({ model, seeds, rounds }: EncodingsBench): Promise<EncodingsBenchResult> {
  const parameters = initialParameters(model, 0).length;
  const share = (part: number): EncodingChoice => ({ topK: Math.round(parameters * part) });
  const choices: EncodingChoice[] = ['int32', 'int16', 'int8', share(0.1), share(0.03), share(0.01)];
  await chooseBackend();
  const digits = await loadDigits('.cache');
  const pool = new TrainingPool();
  const encodings: EncodingResult[] = [];
  for (const encoding of choices) {
    const { scale, clip } = DEMO_SETTINGS[model].grid;
    const most = typeof encoding === 'object' ? MOST['int16']! : (MOST[encoding] ?? scale * clip);
    const grid = { scale: Math.floor(most / clip), clip };
    const accuracies: number[] = [];
    for (const seed of seeds) accuracies.push(await train({ model, rounds, seed, encoding, grid }, digits, pool));
    const bytes = encodingOf(encoding, parameters).payloadLength;
    encodings.push({ encoding, scale: grid.scale, bytes, ratio: (4 * parameters) / bytes, accuracies });
  }
  await pool.close();
  return { model, seeds, rounds, parameters, encodings };
}

interface Training {
  readonly model: ModelName;
  readonly rounds: number;
  readonly seed: number;
  readonly encoding: EncodingChoice;
  readonly grid: { readonly scale: number; readonly clip: number };
}

/** @returns the accuracy after the last round */
async function train(task: Training, digits: Examples, pool: TrainingPool): Promise<number> {
  const { train: images, test } = splitTest(digits, task.seed);
  const { training, strategy } = DEMO_SETTINGS[task.model];
  const fleet = { devices: DEVICES, participants: PARTICIPANTS, alpha: ALPHA };
  let last = initialParameters(task.model, task.seed);
  for await (const { parameters } of simulate({ ...task, ...fleet, training, strategy }, images, pool))
    last = parameters;
  const model = await modelFromTopology(MODELS[task.model].topology);
  setParameters(model, last);
  const { accuracy } = evaluate(model, toInput(test.inputs), test.labels);
  model.dispose();
  return accuracy;
}

export function describeEncodings({ model, seeds, rounds, parameters, encodings }: EncodingsBenchResult): string {
  const head = `${model}, ${parameters} parameters, ${PARTICIPANTS} of ${DEVICES} devices, ${rounds} rounds, seeds ${seeds.join(', ')}\n\n`;
  const rows = encodings.map(({ encoding, scale, bytes, ratio, accuracies }) => {
    const name = typeof encoding === 'object' ? `topK ${encoding.topK}` : encoding;
    const mean = accuracies.reduce((sum, accuracy) => sum + accuracy / accuracies.length, 0);
    const each = accuracies.map((accuracy) => (100 * accuracy).toFixed(1)).join(' ');
    return [name, String(scale), String(bytes), `${ratio.toFixed(1)}×`, `${(100 * mean).toFixed(1)} %`, each];
  });
  const titles = ['encoding', 'scale', 'bytes an update', 'smaller', 'accuracy', 'each seed'];
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
  return `${head}${[titles, ...rows].map(line).join('\n')}\n`;
}
