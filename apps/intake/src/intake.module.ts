import { Module, type DynamicModule } from '@nestjs/common';
import { Counter, type Registry } from 'prom-client';

import { HealthModule, METRICS, type Readiness } from '#edge';
import { reportEngine, type ChosenEngine } from '#engine';
import type { Pool } from '#storage/database';
import { Submissions } from '#storage/intake';

import { IntakeRefusalFilter } from './intake-refusal.filter.js';
import { ConnectionTimes } from './intake-sockets.js';
import type { KeyRing } from './key-ring.js';
import type { Redeem } from './redemption.js';
import { SubmissionIntake } from './submission-intake.js';
import { SubmitGateway } from './submit.gateway.js';
import { Tally } from './tally.js';
import { UploadGateway } from './upload.gateway.js';
import { Uploads } from './uploads.js';

export interface IntakeParts {
  readonly pool: Pool;
  readonly readiness: Readiness;
  readonly keys: KeyRing;
  readonly uploads: Uploads;
  readonly redeem: Redeem;
  readonly times: ConnectionTimes;
  readonly audience: string;
  readonly engine: ChosenEngine;
}

@Module({})
export class IntakeModule {
  static with({ pool, readiness, keys, uploads, redeem, times, audience, engine }: IntakeParts): DynamicModule {
    const submissions = new Submissions(pool);
    return {
      module: IntakeModule,
      imports: [HealthModule.with('intake', readiness)],
      providers: [
        {
          provide: 'engine metric',
          inject: [METRICS],
          useFactory: (metrics: Registry) => reportEngine(engine, metrics),
        },
        SubmitGateway,
        UploadGateway,
        IntakeRefusalFilter,
        { provide: Uploads, useValue: uploads },
        {
          provide: Tally,
          inject: [METRICS],
          useFactory: (metrics: Registry) =>
            new Tally(
              submissions,
              new Counter({
                name: 'starling_intake_refusals_total',
                help: 'Refused messages by code',
                labelNames: ['code'] as const,
                registers: [metrics],
              }),
            ),
        },
        {
          provide: SubmissionIntake,
          inject: [Tally],
          useFactory: (tally: Tally) => new SubmissionIntake({ submissions, keys, uploads, redeem, tally }, audience),
        },
        { provide: ConnectionTimes, useValue: times },
      ],
    };
  }
}
