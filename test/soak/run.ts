import { parseArgs } from 'node:util';

import { Random } from '../../apps/fleet/src/data/random.js';
import { startTestServer } from '../fixtures/postgres.js';

import { SEED } from './seed.js';
import { passed } from './suite.js';
import { SUITES } from './suites.js';
import { describeTable, type Row } from './table.js';

const HELP = `Usage: npm run soak -- [options]

The suites of test/chaos, test/fuzz and test/outage in turns, for as long as asked, each turn with a
seed of its own. Prints a row for every turn; ends with 'N passed, N failed'.

  --minutes 10     begin no turn later than this
  --suite NAME     this one only (may be repeated): ${SUITES.map(({ name }) => name).join(', ')}
  --seed N         of the first turn; printed, so that a run can be repeated
  --k N            how much of each suite in a turn, instead of what each has
  --json           print one JSON object instead of tables
`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    suite: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: String(SEED) },
    k: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const wanted = SUITES.filter(({ name }) => values.suite.length === 0 || values.suite.includes(name));
const numbers = [values.minutes, values.seed, values.k ?? '1'].map(Number);
if (values.help || wanted.length === 0 || !numbers.every((value) => value >= 0)) {
  process.stdout.write(HELP);
  process.exit(values.help ? 0 : 2);
}
process.exitCode = (await soak()) ? 0 : 1;

/** @returns whether all turns passed */
async function soak(): Promise<boolean> {
  const seeds = new Random(Number(values.seed));
  const until = performance.now() + 60_000 * Number(values.minutes);
  process.stderr.write(`seed ${values.seed}\n`);
  const rows: Row[] = [];
  const stop = await startTestServer();
  try {
    for (let turn = 0; turn === 0 || performance.now() < until; turn++) {
      for (const { name, soakK, run } of wanted) {
        const [seed, k] = [turn === 0 ? Number(values.seed) : seeds.uint32(), Number(values.k ?? soakK)];
        process.stderr.write(`turn ${turn + 1}: ${name}, seed ${seed}\n`);
        const row = { suite: name, k, ...(await run({ seed, k }).catch(failed)) };
        rows.push(row);
        if (!values.json) process.stdout.write(describeTable([row]));
        if (performance.now() > until) break;
      }
    }
  } finally {
    await stop();
  }
  const good = rows.filter(passed).length;
  const summary = { seed: Number(values.seed), passed: good, failed: rows.length - good, rows };
  process.stdout.write(values.json ? `${JSON.stringify(summary)}\n` : `\n${describeTable(rows)}\n`);
  if (!values.json) process.stdout.write(`${good} passed, ${rows.length - good} failed\n`);
  return good === rows.length;
}

/** A suite that broke is a row as well. */
function failed(error: unknown): Omit<Row, 'suite' | 'k'> {
  const wrong = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  return { n: '', expected: 0, accepted: 0, lost: 0, doubled: 0, alien: 0, wrong };
}
