/** `src/device.ts`: the same for every use case. */
export const DEVICE_SOURCE = `/**
 * A device: enrols once, fetches tokens, takes part in rounds until it is stopped.
 *
 *   node dist/src/device.js --code CODE --examples examples.json
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { enrol, type DeviceEvent } from '@starling/client';

import { train, type Examples } from './train.js';
import { USE_CASE } from './use-case.js';

const { values } = parseArgs({
  options: {
    /** enrolment code; the first time only */
    code: { type: 'string', default: '' },
    /** JSON { "inputs": [[…], …], "labels": [0, …] } */
    examples: { type: 'string' },
    /** keeps the device's key and tokens */
    directory: { type: 'string', default: './device' },
    /** ends after so many updates were accepted; by default it goes on */
    rounds: { type: 'string', default: 'Infinity' },
    /** looks for a round about so often, ms */
    poll: { type: 'string', default: '30000' },
  },
});
const examples: Examples =
  values.examples === undefined
    ? { inputs: [], labels: [] }
    : (JSON.parse(await readFile(values.examples, 'utf8')) as Examples);

const device = await enrol({ ...USE_CASE, code: values.code }, { directory: values.directory });
console.log(\`\${await device.prefetch()} tokens fetched\`);

const ending = new AbortController();
process.once('SIGINT', () => ending.abort());
process.once('SIGTERM', () => ending.abort());
let accepted = 0;
let waitsFor = '';

function hear(event: DeviceEvent): void {
  if (event.kind === 'failed') console.error(\`\${event.error.code}: \${event.error.message}\`);
  if (event.kind !== 'round') return;
  const { participation } = event;
  if (participation.outcome === 'skipped') {
    if (participation.reason !== waitsFor) console.log(\`waits: \${participation.reason}\`);
    waitsFor = participation.reason;
    return;
  }
  console.log(participation.outcome === 'refused' ? \`refused: \${participation.message}\` : 'accepted');
  if (participation.outcome === 'accepted') accepted += 1;
  if (accepted >= Number(values.rounds)) ending.abort();
}

await device.run((input) => train(input, examples), {
  signal: ending.signal,
  pollMs: Number(values.poll),
  onEvent: hear,
});
device.close();
`;
