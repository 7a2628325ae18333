/** One contestant of `npm run bench -- credential`: is told a task, answers its cost. */
import { allEngines } from '#engine';

import { PARTS, ours, unitsOf, voprfTs, type Part, type Work } from './contestants.js';

/** CPU of a measurement, and of its slices, whose best counts, µs: long enough for the collector's share. */
const MEASUREMENT = 240_000;
const SLICE = 80_000;

const name = process.argv[2];
const engine = (await allEngines()).find((engine) => engine.name === name);
const { works, parts } = engine === undefined ? await voprfTs() : ours(engine);

process.on('message', (task: Work | Part) => void measure(task).then((µs) => process.send!(µs)));
process.send!('ready');

async function measure(task: Work | Part): Promise<number> {
  return isPart(task) ? (await cost(parts![task])) / unitsOf(task) : cost(works[task]);
}

function isPart(task: Work | Part): task is Part {
  return (PARTS as readonly string[]).includes(task);
}

/** CPU time of one run, µs: all threads of the process, so that a collector's time counts too. */
async function cost(run: () => unknown): Promise<number> {
  let [best, spent] = [Infinity, 0];
  await run();
  while (spent < MEASUREMENT) {
    const before = process.cpuUsage();
    for (let runs = 1, slice = 0; slice < SLICE; runs++) {
      await run();
      const { user, system } = process.cpuUsage(before);
      slice = user + system;
      if (slice < SLICE) continue;
      best = Math.min(best, slice / runs);
      spent += slice;
    }
  }
  return best;
}
