import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { decodeSafetensors, flatten } from '#learning';
import type { CreateUseCase, RoundView, StartRounds } from '#protocol';

/** A Starling to run scenarios in: where it is, and the key of who may create use cases in it. */
export const Deployment = z.strictObject({
  issuer: z.url(),
  coordinator: z.url(),
  intake: z.url(),
  /** Ed25519 public key, hex: devices pin it */
  deploymentKey: z.string(),
  apiKey: z.string(),
});
export type Deployment = z.infer<typeof Deployment>;

const PATIENCE_MS = 30_000;
const POLL_MS = 100;

/** What a researcher does to have rounds: the few questions of the coordinator's HTTP API that a scenario asks. */
export class ResearcherApi {
  constructor(private readonly deployment: Pick<Deployment, 'coordinator' | 'apiKey'>) {}

  /** @returns the digest that the coordinator knows the bytes by */
  upload = async (bytes: Uint8Array): Promise<string> => (await this.#ask<{ digest: string }>('/blobs', bytes)).digest;

  /** Waits until it is live: devices can be let in. */
  async createUseCase(draft: z.input<typeof CreateUseCase>): Promise<void> {
    await this.#ask('/use-cases', draft);
    const late = AbortSignal.timeout(PATIENCE_MS);
    while ((await this.#ask<{ state: string }>(`/use-cases/${draft.id}`)).state !== 'live') {
      await sleep(POLL_MS, undefined, { signal: late });
    }
  }

  enrolmentCode = async (useCase: string, uses: number): Promise<string> =>
    (await this.#ask<{ code: string }>(`/use-cases/${useCase}/enrolment-codes`, { uses })).code;

  startRounds = (useCase: string, plan: z.input<typeof StartRounds>): Promise<unknown> =>
    this.#ask(`/use-cases/${useCase}/rounds`, plan);

  /** Oldest first. */
  rounds = (useCase: string): Promise<RoundView[]> => this.#ask(`/rounds?useCase=${useCase}`);

  /** Lets no other round of it begin, and ends the one that is open. */
  async endRounds(useCase: string): Promise<void> {
    await this.#ask(`/use-cases/${useCase}/pause`, {});
    for (const { id, state } of await this.rounds(useCase)) {
      if (state === 'open') await this.#ask(`/rounds/${id}/abort`, {});
    }
  }

  /** @returns float32, layout order */
  async model(digest: string): Promise<Float32Array> {
    const response = await this.#fetch(`/models/${digest}`);
    if (!response.ok) throw new Error(`The coordinator answered with ${response.status} for a model.`);
    const parts = decodeSafetensors(new Uint8Array(await response.arrayBuffer()));
    return flatten(parts);
  }

  /** @throws Error with the coordinator's own sentence */
  async #ask<T>(path: string, body?: object): Promise<T> {
    const response = await this.#fetch(path, body);
    const answer = (await response.json()) as { message?: string };
    if (!response.ok) throw new Error(answer.message ?? `The coordinator answered with ${response.status}.`);
    return answer as T;
  }

  #fetch(path: string, body?: object): Promise<Response> {
    const { coordinator, apiKey } = this.deployment;
    const isBytes = body instanceof Uint8Array;
    return fetch(`${coordinator}/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': isBytes ? 'application/octet-stream' : 'application/json',
      },
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
    });
  }
}
