import { chooseBackend, evaluate, modelFromTopology, setParameters } from '#tensorflow';

import { loadDigits, splitTest, toInput, type Examples } from '../data/index.js';
import { DEMO_SETTINGS } from './demo-settings.js';
import { MODELS, type ModelName } from './models.js';
import { simulate, type Simulation } from './simulate.js';
import { TrainingPool } from './training-pool.js';

/**
 * Prints what settings do, a line a seed: test accuracy (%) after each round, norms, CPU.
 *
 *   node dist/apps/fleet/src/training/simulate.main.js [model=mlp] [alpha=0.5] [seeds=1,2,3] [rounds=10]
 *     [clip=8] [localEpochs=4] [batchSize=20] [learningRate=0.3] [momentum=0.6]
 */
async function main(args: ReadonlyMap<string, string>): Promise<void> {
  const number = (key: string, otherwise: number): number => Number(args.get(key) ?? otherwise);
  const model = (args.get('model') ?? 'mlp') as ModelName;
  const { rounds, grid, training, strategy } = DEMO_SETTINGS[model];
  const { name } = await chooseBackend();
  const digits = await loadDigits(args.get('cache') ?? '.cache');
  const pool = new TrainingPool();
  for (const seed of (args.get('seeds') ?? '1,2,3').split(',').map(Number)) {
    const simulation: Simulation = {
      ...{ model, seed, rounds: number('rounds', rounds), devices: 50, participants: 47, alpha: number('alpha', 0.5) },
      grid: { scale: grid.scale, clip: number('clip', grid.clip) },
      training: {
        localEpochs: number('localEpochs', training.localEpochs),
        batchSize: number('batchSize', training.batchSize),
        learningRate: number('learningRate', training.learningRate),
      },
      strategy: args.has('momentum') ? { name: 'FedAvgM', momentum: number('momentum', 0) } : strategy,
    };
    console.log(`${model} on ${name}, alpha ${simulation.alpha}, seed ${seed}: ${await run(simulation, digits, pool)}`);
  }
  await pool.close();
}

async function run(simulation: Simulation, digits: Examples, pool: TrainingPool): Promise<string> {
  const { train, test } = splitTest(digits, simulation.seed);
  const model = await modelFromTopology(MODELS[simulation.model].topology);
  const images = toInput(test.inputs);
  const accuracies: string[] = [];
  let clipped = 0;
  const before = process.cpuUsage();
  for await (const { parameters, norms } of simulate(simulation, train, pool)) {
    setParameters(model, parameters);
    accuracies.push((100 * evaluate(model, images, test.labels).accuracy).toFixed(1));
    clipped += norms.filter((norm) => norm > simulation.grid.clip).length;
  }
  model.dispose();
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6 / accuracies.length;
  return `${accuracies.join(' ')} | ${clipped} clipped | ${cpuSeconds.toFixed(1)} CPU s a round`;
}

await main(new Map(process.argv.slice(2).map((arg) => arg.split('=', 2) as [string, string])));
