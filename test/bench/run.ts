import { parseArgs } from 'node:util';

import { benchRound, describeRound } from './round.js';

const HELP = `Usage: npm run bench -- round [--clients N] [--params N] [--json]

  round   one whole round through real processes: open, models downloaded, all updates
          submitted, published. Updates are made in advance; nobody trains.
          --clients 100   devices that take part
          --params 1000000   numbers in the model (4 bytes each)
          --json   print one JSON object
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    clients: { type: 'string', default: '100' },
    params: { type: 'string', default: '1000000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help || positionals[0] !== 'round') {
  process.stdout.write(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  const result = await benchRound({ clients: Number(values.clients), params: Number(values.params) });
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : describeRound(result));
}
