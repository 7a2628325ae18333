import { encodingOf, type EncodingChoice } from '#learning';
import { chooseBackend } from '#tensorflow';

import { readScenario, type RunPlan } from '../../apps/fleet/src/simulation/scenario.js';
import { simulateScenario } from '../../apps/fleet/src/simulation/simulate-scenario.js';
import { DEMO_SETTINGS, initialParameters, TrainingPool, type ModelName } from '../../apps/fleet/src/training/index.js';

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
const FLEET = { devices: 50, cohort: 47, partition: { kind: 'dirichlet', alpha: 0.5 }, minimum: 20 };

/** The largest number that each holds: the finest grid is the one that makes use of it. */
const MOST: Readonly<Record<string, number>> = { int16: 2 ** 15 - 1, int8: 2 ** 7 - 1 };

/** The same task, seeds and devices with every encoding: what it saves, and what it costs. */
export async function benchEncodings({ model, seeds, rounds }: EncodingsBench): Promise<EncodingsBenchResult> {
  const parameters = initialParameters(model, 0).length;
  const share = (part: number): EncodingChoice => ({ topK: Math.round(parameters * part) });
  const choices: EncodingChoice[] = ['int32', 'int16', 'int8', share(0.1), share(0.03), share(0.01)];
  const settings = choices.map((encoding) => ({ encoding, scale: scaleOf(encoding, model) }));
  await chooseBackend();
  const pool = new TrainingPool();
  const { runs } = await simulateScenario(planOf({ model, seeds, rounds }, settings), {
    pool,
    cacheDirectory: '.cache',
  });
  await pool.close();
  const encodings = settings.map(({ encoding, scale }, i): EncodingResult => {
    const bytes = encodingOf(encoding, parameters).payloadLength;
    const accuracies = runs.filter(({ labels }) => labels['encoding'] === `${i}`).map(({ accuracy }) => accuracy);
    return { encoding, scale, bytes, ratio: (4 * parameters) / bytes, accuracies };
  });
  return { model, seeds, rounds, parameters, encodings };
}

/** The finest grid that the encoding takes at the demo's clip. */
function scaleOf(encoding: EncodingChoice, model: ModelName): number {
  const { scale, clip } = DEMO_SETTINGS[model].grid;
  const most = typeof encoding === 'object' ? MOST['int16']! : (MOST[encoding] ?? scale * clip);
  return Math.floor(most / clip);
}

function planOf({ model, seeds, rounds }: EncodingsBench, settings: readonly object[]): RunPlan {
  const { grid, training, strategy } = DEMO_SETTINGS[model];
  const what = { title: 'Encodings', task: `digits-${model}`, rounds, seeds, training, strategy, clip: grid.clip };
  const encoding = Object.fromEntries(settings.map((one, i) => [`${i}`, one]));
  return readScenario({ ...what, ...FLEET, centralised: false, runs: { encoding } });
}

export function describeEncodings({ model, seeds, rounds, parameters, encodings }: EncodingsBenchResult): string {
  const head = `${model}, ${parameters} parameters, ${FLEET.cohort} of ${FLEET.devices} devices, ${rounds} rounds, seeds ${seeds.join(', ')}\n\n`;
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
