import { setTimeout as sleep } from 'node:timers/promises';

import { encodeSafetensors } from '#learning';
import type { CreateUseCase, RoundView } from '#protocol';

import type { RoundBench } from './round.js';

const SCALE = 65_536;

/** The researcher of a benchmark: a bare layout, no evaluation, rounds that close when everybody is in. */
export class BenchResearcher {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  async createUseCase({ clients, params }: RoundBench): Promise<string> {
    const id = `bench-${clients}-${params}`;
    const layout = [{ name: 'w', shape: [params] }];
    const model = encodeSafetensors([{ ...layout[0]!, data: new Float32Array(params) }]);
    const { digest } = await this.#post<{ digest: string }>('/v1/blobs', model);
    const draft: Partial<CreateUseCase> = {
      id,
      title: 'Benchmark',
      layout,
      initialModel: digest,
      kMin: clients,
      jitterMs: 0,
      slots: 1,
      batch: 1,
      scale: SCALE,
    };
    await this.#post('/v1/use-cases', draft);
    while ((await this.#get<{ state: string }>(`/v1/use-cases/${id}`)).state !== 'live') await sleep(50);
    return id;
  }

  async code(useCase: string, uses: number): Promise<string> {
    return (await this.#post<{ code: string }>(`/v1/use-cases/${useCase}/enrolment-codes`, { uses })).code;
  }

  /** Starts a round and waits until it is over. */
  async runRound(useCase: string, clients: number): Promise<RoundView> {
    const plan = { count: 1, min: clients, target: clients, deadlineSeconds: 600 };
    const { rounds } = await this.#post<{ rounds: string[] }>(`/v1/use-cases/${useCase}/rounds`, plan);
    for (;;) {
      const round = await this.#get<RoundView>(`/v1/rounds/${rounds[0]}`);
      if (round.state === 'published') return round;
      if (round.state === 'abandoned') throw new Error(`the round was abandoned: ${round.detail}`);
      await sleep(100);
    }
  }

  #get<T>(path: string): Promise<T> {
    return this.#ask<T>(path, {});
  }

  #post<T>(path: string, body: object): Promise<T> {
    const bytes = body instanceof Uint8Array;
    const headers = {
      'content-type': bytes ? 'application/octet-stream' : 'application/json',
      authorization: `Bearer ${this.key}`,
    };
    return this.#ask<T>(path, { method: 'POST', headers, body: bytes ? Buffer.from(body) : JSON.stringify(body) });
  }

  async #ask<T>(path: string, init: RequestInit): Promise<T> {
    const response = await fetch(`${this.url}${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${text}`);
    return JSON.parse(text) as T;
  }
}
