import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startStack, type Stack } from '../../apps/cli/src/stack/stack.js';
import { Researcher } from '../fixtures/researcher.js';
import { Example } from './example.js';

/* Runs the examples as their reader would, against a Starling of their own: `npm run examples`. */

const DEVICES = 3;

const directory = await mkdtemp(join(tmpdir(), 'starling-examples-'));
// As root, PostgreSQL runs as another user and has to get in.
await chmod(directory, 0o755);
const stack = await startStack({ directory, onCrash: (name, message) => console.error(`${name}: ${message}`) });
try {
  await runDevices(stack);
} finally {
  await stack.stop();
  await rm(directory, { recursive: true, force: true });
}

/** examples/device.ts: three devices take part in a round, which is published. */
async function runDevices({ urls, secrets }: Stack): Promise<void> {
  const researcher = new Researcher(urls.coordinator, secrets.apiKey);
  const { useCase } = await researcher.createUseCase({ kMin: DEVICES });
  const code = await researcher.enrolmentCode(useCase, DEVICES);
  const env = { STARLING_ISSUER: urls.issuer, STARLING_INTAKE: urls.intake, STARLING_COORDINATOR: urls.coordinator };
  const devices = Array.from(
    { length: DEVICES },
    () => new Example('device', [useCase, code, secrets.deploymentKey], env),
  );
  await Promise.all(devices.map((device) => device.line(/^\d+ tokens$/)));
  const [round] = await researcher.startRounds(useCase, { min: DEVICES, target: DEVICES });
  await Promise.all(devices.map((device) => device.succeeded()));
  const { accepted } = await researcher.awaitRound(round!, 'published');
  console.log(`examples/device.ts: ${accepted} of ${DEVICES} devices accepted, round published`);
}
