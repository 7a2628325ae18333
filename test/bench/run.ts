import { parseArgs } from 'node:util';

import { Screen } from '../../apps/cli/src/output/screen.js';
import { simulateFile } from '../../apps/cli/src/simulate/simulate.js';

import { benchCredential, describeCredential } from './credential.js';
import { benchDashboard, describeDashboard } from './dashboard.js';
import { benchEncodings, describeEncodings } from './encodings.js';
import { benchFold, describeFold } from './fold.js';
import { describeRounds } from './round-report.js';
import { benchRound, isBenchEncoding } from './round.js';

const HELP = `Usage: npm run bench -- round | credential | fold | async | encodings | dashboard [options]

  round        whole rounds through real processes: open, models downloaded, all updates
               submitted, published. Nobody trains. CPU of each process by phase, beside what this machine takes
               at least to send, hash, write and read as many bytes. Before each round memory is touched: a virtual
               machine may be given it by its host only then.
               --clients 100   devices that take part
               --params 1000000   numbers in the model (4 bytes each)
               --encoding int32   of updates; or int16, int8
               --repeat 4   rounds; the first finds processes that have compiled little, the median is of those after it

  credential   tokens that one core issues and redeems in a second, with each engine of this machine
               and with @cloudflare/voprf-ts at the same work; what the time goes to; two threads
               --rounds 5   the best of so many counts

  fold         how many bytes of updates one core sums, ranks, checks and reads in a second, beside memcpy and plain
               JavaScript; and the memory that a fold of large updates takes
               --clients 100   --params 1000000   --rounds 5
               --memory-params 10000000   numbers in the model whose fold's memory is taken

  async        time to 90 % accuracy on digits through real processes: FedBuff, synchronous rounds that close when all
               but the stragglers are in, and synchronous rounds that wait for all; ratios. A quarter of an hour. The same as
               starling simulate examples/scenarios/stragglers.json

  encodings    accuracy and bytes an update side by side: the digits trained with every encoding, without servers
               --model mlp   or cnn   --seeds 1,2,3   --training-rounds 10

  dashboard    a page that is open while a round goes on, with many rounds behind it: what it loads until the list is
               there, how long it does not answer, and what it transfers
               --bench-rounds 1000   --devices 2000

  --json       print one JSON object
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    clients: { type: 'string', default: '100' },
    params: { type: 'string', default: '1000000' },
    'memory-params': { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '5' },
    model: { type: 'string', default: 'mlp' },
    seeds: { type: 'string', default: '1,2,3' },
    'training-rounds': { type: 'string', default: '10' },
    'bench-rounds': { type: 'string', default: '1000' },
    devices: { type: 'string', default: '2000' },
    encoding: { type: 'string', default: 'int32' },
    repeat: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const print = <Result>(result: Result, describe: (result: Result) => string): void =>
  void process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : describe(result));

const isCount = (text: string): boolean => /^[1-9]\d{0,8}$/.test(text);

const { encoding } = values;
if (!isBenchEncoding(encoding)) {
  console.error(`--encoding takes int32, int16 or int8, not ${encoding}.`);
  process.exitCode = 2;
} else if (
  !values.help &&
  positionals[0] === 'round' &&
  ![values.clients, values.params, values.repeat].every(isCount)
) {
  console.error('--clients, --params and --repeat take whole numbers from 1.');
  process.exitCode = 2;
} else if (!values.help && positionals[0] === 'round') {
  const screen = new Screen(process.stderr);
  const [clients, params, rounds] = [Number(values.clients), Number(values.params), Number(values.repeat)];
  const result = await benchRound({ clients, params, encoding, rounds }, (text) => screen.move(text)).finally(() =>
    screen.done(),
  );
  print(result, describeRounds);
} else if (!values.help && positionals[0] === 'credential') {
  print(await benchCredential({ rounds: Number(values.rounds) }), describeCredential);
} else if (!values.help && positionals[0] === 'fold') {
  const [clients, params, rounds] = [Number(values.clients), Number(values.params), Number(values.rounds)];
  print(await benchFold({ clients, params, rounds, memoryParams: Number(values['memory-params']) }), describeFold);
} else if (!values.help && positionals[0] === 'async') {
  await simulateFile('examples/scenarios/stragglers.json', { cache: '.cache', json: values.json });
} else if (!values.help && positionals[0] === 'encodings') {
  const model = values.model === 'cnn' ? 'cnn' : 'mlp';
  const seeds = values.seeds.split(',').map(Number);
  print(await benchEncodings({ model, seeds, rounds: Number(values['training-rounds']) }), describeEncodings);
} else if (!values.help && positionals[0] === 'dashboard') {
  const screen = new Screen(process.stderr);
  const bench = { rounds: Number(values['bench-rounds']), devices: Number(values.devices) };
  print(await benchDashboard(bench, (text) => screen.move(text)).finally(() => screen.done()), describeDashboard);
} else {
  process.stdout.write(HELP);
  process.exitCode = values.help ? 0 : 2;
}
