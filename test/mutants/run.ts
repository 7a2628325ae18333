import { parseArgs } from 'node:util';

import { mutate, type Mutant } from './mutant.js';
import { MUTANTS } from './mutants.js';
import { Scratch, type TestRun } from './scratch.js';

const HELP = `Usage: npm run mutants -- [options]

Makes Starling wrong in one place after another, in a copy of this folder, and runs the tests that must
notice. First they run on what is right. Ends with 'N killed, N survived'; exit 1 unless all are killed.

  --only TEXT      mutants whose name, file or rules contain this
  --no-baseline    do not run the tests on what is right
  --list           print the mutants, run nothing
  --json           print one JSON object
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    'no-baseline': { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

type Verdict = 'killed' | 'survived' | 'broken' | 'no such test' | 'fails when right';
interface Row {
  readonly mutant: string;
  readonly verdict: Verdict;
  readonly by: string;
}

const wanted = MUTANTS.filter(({ name, file, rules }) => [name, file, ...rules].join(' ').includes(values.only));

/** What the tests say of what is right, for each selection of them. */
const baselines = new Map<string, TestRun>();

if (values.help) process.stdout.write(HELP);
else if (values.list) for (const { name, rules } of wanted) process.stdout.write(`${rules.join(' ')}: ${name}\n`);
else process.exitCode = (await run()) ? 0 : 1;

async function run(): Promise<boolean> {
  const scratch = await Scratch.make();
  const rows: Row[] = [];
  try {
    for (const mutant of wanted) {
      const row = await judge(scratch, mutant);
      rows.push(row);
      if (!values.json) process.stdout.write(`${row.verdict.padEnd(16)}  ${row.mutant}\n${' '.repeat(18)}${row.by}\n`);
    }
  } finally {
    await scratch.remove();
  }
  const killed = rows.filter(({ verdict }) => verdict === 'killed').length;
  if (values.json) process.stdout.write(`${JSON.stringify({ killed, survived: rows.length - killed, rows })}\n`);
  else process.stdout.write(`\n${killed} killed, ${rows.length - killed} survived\n`);
  return killed === rows.length && killed > 0;
}

async function judge(scratch: Scratch, mutant: Mutant): Promise<Row> {
  const { name, file, tests, rules } = mutant;
  if (!values['no-baseline']) {
    const key = `${tests} ${rules.join(' ')}`;
    const baseline = baselines.get(key) ?? (await scratch.test(tests, rules));
    baselines.set(key, baseline);
    if (baseline.passed + baseline.failed === 0) return { mutant: name, verdict: 'no such test', by: key };
    if (baseline.failed > 0 || baseline.broken > 0)
      return { mutant: name, verdict: 'fails when right', by: baseline.failures.join('; ') };
  }
  const restore = await scratch.change(file, mutate(mutant, await scratch.read(file)));
  try {
    const { failed, broken, failures } = await scratch.test(tests, rules);
    if (failed > 0) return { mutant: name, verdict: 'killed', by: failures[0] ?? '' };
    return { mutant: name, verdict: broken > 0 ? 'broken' : 'survived', by: `${tests} ${rules.join(' ')}` };
  } finally {
    await restore();
  }
}
