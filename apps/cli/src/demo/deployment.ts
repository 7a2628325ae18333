import { setTimeout as sleep } from 'node:timers/promises';

import { CliError, EXIT } from '../cli-error.js';
import { CoordinatorClient } from '../coordinator-client.js';
import type { Lifetime } from '../lifetime.js';
import type { Stack } from '../stack/stack.js';
import { readUseCaseFile } from '../use-case-file.js';
import { Fleet } from './fleet.js';
import { JITTER_MS, useCaseName, type DemoOptions, type Plan } from './settings.js';
import type { Task } from './task.js';

const EPOCH_SECONDS = 3600;
/** Slots a device fetches tokens for at a time: no more than a short demo has rounds. */
const BATCH = 16;
const ATTEMPTS = 10;
const POLL_MS = 100;

export const clientOf = ({ urls, secrets }: Stack): CoordinatorClient =>
  new CoordinatorClient({ url: urls.coordinator, key: secrets.apiKey });

/** Makes a use case of its own for this demo and waits until it is live. @returns its id */
export async function createUseCase(
  coordinator: CoordinatorClient,
  { file }: Task,
  { kMin, slots, rounds }: Plan,
  signal: AbortSignal,
): Promise<string> {
  const rules = { kMin, slots, batch: Math.min(BATCH, rounds), jitterMs: JITTER_MS, epochSeconds: EPOCH_SECONDS };
  const now = new Date();
  const draft = await readUseCaseFile(file, coordinator, { ...rules, id: useCaseName(now, 1) });
  for (let attempt = 1; ; attempt++) {
    const id = useCaseName(now, attempt);
    try {
      await coordinator.createUseCase({ ...draft, id });
      await untilLive(coordinator, id, signal);
      return id;
    } catch (error) {
      const taken = error instanceof CliError && error.code === 'use_case_exists';
      if (!taken || attempt === ATTEMPTS) throw error;
    }
  }
}

async function untilLive(coordinator: CoordinatorClient, id: string, signal: AbortSignal): Promise<void> {
  const late = AbortSignal.timeout(30_000);
  while ((await coordinator.findUseCase(id)).state !== 'live') {
    if (late.aborted) throw new CliError(EXIT.failed, `The use case ${id} did not go live within 30 s.`);
    await sleep(POLL_MS, undefined, { signal });
  }
}

export interface FleetPlan {
  readonly stack: Stack;
  readonly task: Task;
  readonly useCase: string;
  readonly rounds: number;
  readonly onEnrolled: (count: number) => void;
}

/** Starts the devices, lets them in with one counted code, and waits until all hold their tokens. */
export async function startFleet(
  lifetime: Lifetime,
  { devices, seed, alpha, model }: DemoOptions,
  { stack, task, useCase, rounds, onEnrolled }: FleetPlan,
): Promise<{ fleet: Fleet; tokens: number }> {
  const { code } = await clientOf(stack).createCode(useCase, { uses: devices, expiresInSeconds: EPOCH_SECONDS });
  const { issuer, coordinator, intake } = stack.urls;
  const where = { issuer, coordinator, intake, deploymentKey: stack.secrets.deploymentKey, useCase, codes: code };
  // No round of the demo measures on devices: all examples train.
  const what = { devices, seed, alpha, heldOut: 0, model, rounds, training: task.training, misbehave: true };
  const config = { ...where, ...what, cacheDirectory: `${stack.directory}/cache` };
  const fleet = await Fleet.start(lifetime, { config, directory: stack.directory, onEnrolled });
  const { tokens } = await Promise.race([fleet.prefetched, fleet.failed, lifetime.untilStopped()]);
  return { fleet, tokens };
}
