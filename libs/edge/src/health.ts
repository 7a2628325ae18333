import { Controller, Get, Header, HttpCode, Inject, Module, Res, type DynamicModule } from '@nestjs/common';
import type { Response } from 'express';
import { collectDefaultMetrics, Registry } from 'prom-client';

import { Refusals } from './refusals.js';

/** Says whether the process can do its work now; throws, or answers why not. */
export type ReadinessCheck = () => Promise<void>;

const READINESS = Symbol('readiness');
export const METRICS = Symbol('metrics');

@Controller()
class HealthController {
  constructor(
    @Inject(READINESS) private readonly check: ReadinessCheck,
    @Inject(METRICS) private readonly metrics: Registry,
  ) {}

  /** The process runs. */
  @Get('health')
  @HttpCode(200)
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** It can reach what it needs. */
  @Get('ready')
  async ready(@Res() response: Response): Promise<void> {
    const ready = await this.check().then(
      () => true,
      () => false,
    );
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'waiting for PostgreSQL' });
  }

  @Get('metrics')
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  async prometheus(): Promise<string> {
    return this.metrics.metrics();
  }
}

/** `/health`, `/ready` and `/metrics` of a process. Labels never name a device, a token or a round. */
@Module({})
export class HealthModule {
  static with(process: string, readiness: ReadinessCheck): DynamicModule {
    const metrics = new Registry();
    metrics.setDefaultLabels({ process });
    collectDefaultMetrics({ register: metrics });
    return {
      module: HealthModule,
      global: true,
      controllers: [HealthController],
      providers: [
        { provide: READINESS, useValue: readiness },
        { provide: METRICS, useValue: metrics },
        { provide: Refusals, useValue: new Refusals(metrics) },
      ],
      exports: [METRICS, Refusals],
    };
  }
}
