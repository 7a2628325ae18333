import { Controller, Get, Header, HttpCode, Inject, Module, Res, type DynamicModule } from '@nestjs/common';
import type { Response } from 'express';
import { collectDefaultMetrics, Registry } from 'prom-client';

import { Readiness } from './readiness.js';
import { Refusals } from './refusals.js';

export const METRICS = Symbol('metrics');

/** Metrics move twice a second at most: who asks all the time learns no time of an act, and costs no more than who does not. */
const STEP_MS = 500;

@Controller()
class HealthController {
  #said: { readonly text?: Promise<string>; readonly at: number } = { at: 0 };

  constructor(
    private readonly readiness: Readiness,
    @Inject(METRICS) private readonly metrics: Registry,
  ) {}

  /** The process runs. */
  @Get('health')
  @HttpCode(200)
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** It can do its work; or what it lacks. */
  @Get('ready')
  async ready(@Res() response: Response): Promise<void> {
    const reason = await this.readiness.reason();
    response.status(reason === undefined ? 200 : 503).json({ status: reason ?? 'ready' });
  }

  @Get('metrics')
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  async prometheus(): Promise<string> {
    const { text, at } = this.#said;
    if (text !== undefined && performance.now() - at < STEP_MS) return text;
    this.#said = { text: this.metrics.metrics(), at: performance.now() };
    return this.#said.text!;
  }
}

/** `/health`, `/ready` and `/metrics` of a process. Labels never name a device, a token or a round. */
@Module({})
export class HealthModule {
  static with(process: string, readiness: Readiness): DynamicModule {
    const metrics = new Registry();
    metrics.setDefaultLabels({ process });
    collectDefaultMetrics({ register: metrics });
    return {
      module: HealthModule,
      global: true,
      controllers: [HealthController],
      providers: [
        { provide: Readiness, useValue: readiness },
        { provide: METRICS, useValue: metrics },
        { provide: Refusals, useValue: new Refusals(metrics) },
      ],
      exports: [METRICS, Refusals],
    };
  }
}
