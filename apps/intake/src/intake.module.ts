import { Module, type DynamicModule } from '@nestjs/common';
import type { Registry } from 'prom-client';

import { Admission, HealthModule, METRICS, type Readiness } from '#edge';
import { reportEngine, type ChosenEngine } from '#engine';
import type { Pool } from '#storage/database';
import { Submissions } from '#storage/intake';

import { IntakeCounts, publishHands } from './intake-counts.js';
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
  /** submissions that may be opened at a time */
  readonly maxOpening: number;
  readonly audience: string;
  readonly engine: ChosenEngine;
}

@Module({})
export class IntakeModule {
  static with(parts: IntakeParts): DynamicModule {
    const { pool, readiness, keys, uploads, redeem, times, maxOpening, audience, engine } = parts;
    const submissions = new Submissions(pool);
    const tally = new Tally(submissions);
    const opening = new Admission(maxOpening);
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
        { provide: Tally, useValue: tally },
        {
          provide: SubmissionIntake,
          inject: [METRICS],
          useFactory: (metrics: Registry) => {
            publishHands(metrics, uploads, opening);
            const counts = new IntakeCounts(metrics);
            return new SubmissionIntake({ submissions, keys, uploads, opening, redeem, tally, counts }, audience);
          },
        },
        { provide: ConnectionTimes, useValue: times },
      ],
    };
  }
}
