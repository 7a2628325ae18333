import { Module, type DynamicModule } from '@nestjs/common';

import { HealthModule } from '#edge';
import type { Pool } from '#storage/database';
import { Devices, Issuances } from '#storage/identity';

import { Enrolment } from './enrolment.js';
import type { EvaluationResult, EvaluationTask } from './evaluation.js';
import { IssuanceRate } from './issuance-rate.js';
import { IssuerController } from './issuer.controller.js';
import { KeyRing } from './key-ring.js';
import { RequestRate } from './request-rate.js';
import { TokenIssuer } from './token-issuer.js';

export interface IssuerParts {
  readonly pool: Pool;
  readonly keys: KeyRing;
  readonly audience: string;
  /** of one device */
  readonly requestsPerMinute: number;
  /** of all use cases */
  readonly tokensPerSecond: number;
  readonly evaluate: (task: EvaluationTask) => Promise<EvaluationResult>;
}

@Module({})
export class IssuerModule {
  static with({ pool, keys, audience, requestsPerMinute, tokensPerSecond, evaluate }: IssuerParts): DynamicModule {
    const devices = new Devices(pool);
    const issuances = new Issuances(pool);
    const rate = new RequestRate(requestsPerMinute, Date.now);
    const issuanceRate = new IssuanceRate({
      total: tokensPerSecond,
      limitOf: (useCase) => issuances.rateOf(useCase),
      now: Date.now,
    });
    return {
      module: IssuerModule,
      imports: [HealthModule.with('issuer', async () => void (await pool.query('select 1')))],
      controllers: [IssuerController],
      providers: [
        { provide: KeyRing, useValue: keys },
        { provide: Issuances, useValue: issuances },
        { provide: Enrolment, useValue: new Enrolment(devices, audience) },
        {
          provide: TokenIssuer,
          useValue: new TokenIssuer({ devices, issuances, keys, evaluate, rate, issuanceRate }, audience, Date.now),
        },
      ],
    };
  }
}
