import { Module, type DynamicModule } from '@nestjs/common';
import type { Registry } from 'prom-client';

import { HealthModule, METRICS, MinuteLimit, UseCaseCounter, type Readiness } from '#edge';
import { reportEngine, type ChosenEngine } from '#engine';
import type { Pool } from '#storage/database';
import { Devices, Issuances } from '#storage/identity';

import { DerivedKeysController } from './derived-keys.controller.js';
import { DerivedKeyDesk } from './derived-key-desk.js';
import { Enrolment } from './enrolment.js';
import type { Evaluate } from './evaluation.js';
import { IssuanceRate } from './issuance-rate.js';
import { IssuerController } from './issuer.controller.js';
import { KeyRing } from './key-ring.js';
import { KeyUsage } from './key-usage.js';
import { RequestRate } from './request-rate.js';
import { TokenIssuer } from './token-issuer.js';

export interface IssuerParts {
  readonly pool: Pool;
  readonly readiness: Readiness;
  readonly keys: KeyRing;
  readonly usage: KeyUsage;
  readonly audience: string;
  /** of one device */
  readonly requestsPerMinute: number;
  /** of all use cases */
  readonly tokensPerSecond: number;
  /** attempts to enrol in a minute: with one code, and in all */
  readonly enrolments: { readonly each: number; readonly total: number };
  readonly derivedKeys: DerivedKeyDesk;
  readonly evaluate: Evaluate;
  readonly engine: ChosenEngine;
}

const ISSUED = {
  name: 'starling_issued_tokens_total',
  help: 'Tokens issued and charged to a device, retries not counted',
};

@Module({})
export class IssuerModule {
  static with(parts: IssuerParts): DynamicModule {
    const {
      pool,
      readiness,
      keys,
      usage,
      audience,
      requestsPerMinute,
      tokensPerSecond,
      derivedKeys,
      evaluate,
      engine,
    } = parts;
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
      imports: [HealthModule.with('issuer', readiness)],
      controllers: [IssuerController, DerivedKeysController],
      providers: [
        {
          provide: 'engine metric',
          inject: [METRICS],
          useFactory: (metrics: Registry) => reportEngine(engine, metrics),
        },
        { provide: KeyRing, useValue: keys },
        { provide: DerivedKeyDesk, useValue: derivedKeys },
        { provide: Issuances, useValue: issuances },
        { provide: Enrolment, useValue: new Enrolment(devices, audience, new MinuteLimit(parts.enrolments, Date.now)) },
        {
          provide: TokenIssuer,
          inject: [METRICS],
          useFactory: (metrics: Registry) => {
            const issued = new UseCaseCounter(ISSUED, metrics);
            const onIssued = (useCase: string, tokens: number): void => issued.add(useCase, tokens);
            const ports = { devices, issuances, keys, usage, evaluate, rate, issuanceRate, onIssued };
            return new TokenIssuer(ports, audience);
          },
        },
        { provide: KeyUsage, inject: [METRICS], useFactory: (metrics: Registry) => published(usage, metrics) },
      ],
    };
  }
}

function published(usage: KeyUsage, metrics: Registry): KeyUsage {
  usage.publish(metrics);
  return usage;
}
