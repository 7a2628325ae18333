import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Lifetime } from '../lifetime.js';
import { keepStack } from '../stack/keep-stack.js';

/** Where a scenario's devices find everything, and the key of its researcher. */
export interface Deployment {
  readonly issuer: string;
  readonly coordinator: string;
  readonly intake: string;
  readonly deploymentKey: string;
  readonly apiKey: string;
}

/** A whole Starling in a temporary directory, with a PostgreSQL of its own; both are gone when the command ends. */
export async function startDeployment(lifetime: Lifetime): Promise<Deployment> {
  const directory = await mkdtemp(join(tmpdir(), 'starling-simulation-'));
  lifetime.atEnd(() => rm(directory, { recursive: true, force: true }));
  // Root's PostgreSQL runs as another user, who has to get through here.
  if (process.getuid?.() === 0) await chmod(directory, 0o711);
  const { urls, secrets } = await keepStack(lifetime, {
    directory,
    ownDatabase: true,
    onStarted: () => undefined,
    onNotice: (text) => process.stderr.write(`${text}\n`),
    onCrash: (_, message) => process.stderr.write(`${message}\n`),
  });
  const { issuer, coordinator, intake } = urls;
  return { issuer, coordinator, intake, deploymentKey: secrets.deploymentKey, apiKey: secrets.apiKey };
}
