import { Controller, Get, Module, Redirect, type DynamicModule } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Registry } from 'prom-client';

import { HealthModule, METRICS, MOST_USE_CASES, type Readiness } from '#edge';
import { EnrolmentCodes } from '#storage/access';
import { Strategies } from '#learning';
import { ModelStore } from '#storage/bodies';
import { Pool } from '#storage/database';
import { Manifests, Rotations, UseCaseChanges, UseCaseDrafts } from '#storage/keys';
import { LogTiles, TreeHeads, UnloggedFacts } from '#storage/log';
import {
  MetricsOfRounds,
  Models,
  QueueJobs,
  readQueues,
  ReleaseLedger,
  RoundDeadlines,
  RoundPauses,
  RoundPlans,
  RoundRetries,
  RoundSchedule,
  RoundViews,
  UseCaseFigures,
} from '#storage/rounds';
import type { RoundTraces } from '#tracing';

import { AuditInterceptor } from './accounts/audit.interceptor.js';
import { PORTAL_CONTROLLERS, portalParts, type PortalSettings } from './accounts/portal-parts.js';
import { AccessController } from './access.controller.js';
import { AccessGuard } from './access.guard.js';
import type { SigningKey } from './signing-key.js';
import { Deployment, DeploymentController } from './deployment.controller.js';
import { DevicesController } from './devices.controller.js';
import { LogController } from './log.controller.js';
import { KeyRotation } from './key-rotation.js';
import { KeysController } from './keys.controller.js';
import { MetricsController } from './metrics.controller.js';
import { ModelsController } from './models.controller.js';
import { Operations } from './operations.js';
import { OperationsController } from './operations.controller.js';
import { PausesController } from './pauses.controller.js';
import { PreviewsController } from './previews.controller.js';
import { processAt } from './process-watch.js';
import type { ProcessUrls } from './process-urls.js';
import { publishRounds } from './round-gauges.js';
import { RoundEventsGateway } from './round-events.gateway.js';
import { RoundKeeper } from './round-keeper.js';
import { RoundRules } from './round-rules.js';
import { RoundsController } from './rounds.controller.js';
import { RoundStarter } from './round-starter.js';
import { StrategiesController } from './strategies.controller.js';
import { UseCaseChangesController } from './use-case-changes.controller.js';
import { UseCasePreviews } from './use-case-previews.js';
import { UseCaseRegister } from './use-case-register.js';
import { TreeHeadSigner } from './tree-head-signer.js';
import { UseCasesController } from './use-cases.controller.js';

@ApiExcludeController()
@Controller()
class HomeController {
  @Get()
  @Redirect('/ui/', 302)
  home(): void {}
}

export interface CoordinatorParts extends PortalSettings {
  readonly pool: Pool;
  readonly readiness: Readiness;
  readonly files: ModelStore;
  readonly strategies: Strategies;
  readonly key: SigningKey;
  readonly logKey: SigningKey;
  readonly deployment: Deployment;
  readonly audience: string;
  /** of the log's tree heads; ms */
  readonly logIntervalMs: number;
  /** before it abandons rounds that wait too long; ms */
  readonly patienceMs: number;
  readonly traces: RoundTraces;
  /** of the other processes */
  readonly processUrls: ProcessUrls;
}

@Module({})
export class CoordinatorModule {
  static with(parts: CoordinatorParts): DynamicModule {
    return {
      module: CoordinatorModule,
      imports: [HealthModule.with('coordinator', parts.readiness)],
      controllers: [
        HomeController,
        AccessController,
        PreviewsController,
        StrategiesController,
        UseCasesController,
        DeploymentController,
        UseCaseChangesController,
        DevicesController,
        KeysController,
        RoundsController,
        PausesController,
        MetricsController,
        ModelsController,
        LogController,
        ...PORTAL_CONTROLLERS,
        OperationsController,
      ],
      providers: [
        RoundEventsGateway,
        {
          provide: 'round gauges',
          inject: [METRICS],
          useFactory: (metrics: Registry) => publishRounds(metrics, new UseCaseFigures(parts.pool, MOST_USE_CASES)),
        },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
        {
          provide: Operations,
          inject: [METRICS],
          useFactory: (metrics: Registry) => operationsOf(parts, metrics),
        },
        ...valuesOf(parts).map(([provide, useValue]) => ({ provide, useValue })),
      ],
    };
  }
}

/** This process needs no connection to itself. */
function operationsOf({ pool, readiness, processUrls }: CoordinatorParts, metrics: Registry): Operations {
  const self = { name: 'coordinator', reason: () => readiness.reason(), metrics: () => metrics.metrics() };
  const others = processUrls.map(({ name, url }) => processAt(name, url));
  return new Operations([self, ...others], () => readQueues(pool));
}

/** What controllers and keepers get, by class. */
function valuesOf(parts: CoordinatorParts) {
  const { pool, files, strategies, key, logKey, audience, logIntervalMs, patienceMs, traces } = parts;
  const drafts = new UseCaseDrafts(pool);
  const models = new Models(pool);
  const schedule = new RoundSchedule(pool);
  const heads = new TreeHeads(pool);
  const previews = new UseCasePreviews({ drafts, strategies }, { audience, logKey: logKey.publicKey });
  const register = new UseCaseRegister({ drafts, models, files, strategies, key, logKey: logKey.publicKey }, audience);
  return [
    [Pool, pool],
    [Deployment, parts.deployment],
    [ModelStore, files],
    [Strategies, strategies],
    [RoundStarter, new RoundStarter(schedule, new RoundRetries(pool), traces)],
    [UseCaseDrafts, drafts],
    [UseCaseChanges, new UseCaseChanges(pool)],
    [Models, models],
    [RoundSchedule, schedule],
    [RoundRules, new RoundRules({ drafts, strategies, models, ledger: new ReleaseLedger(pool) })],
    [RoundViews, new RoundViews(pool)],
    [RoundPauses, new RoundPauses(pool)],
    [MetricsOfRounds, new MetricsOfRounds(pool)],
    [QueueJobs, new QueueJobs(pool)],
    [Manifests, new Manifests(pool)],
    ...portalParts(pool, parts),
    [EnrolmentCodes, new EnrolmentCodes(pool)],
    [UseCaseRegister, register],
    [UseCasePreviews, previews],
    [KeyRotation, new KeyRotation({ rotations: new Rotations(pool), drafts, key })],
    [
      RoundKeeper,
      new RoundKeeper(
        {
          schedule,
          plans: new RoundPlans(pool),
          register,
          facts: new UnloggedFacts(pool),
          deadlines: new RoundDeadlines(pool),
          traces,
        },
        patienceMs,
      ),
    ],
    [LogTiles, new LogTiles(pool)],
    [TreeHeads, heads],
    [TreeHeadSigner, new TreeHeadSigner(heads, logKey, { audience, intervalMs: logIntervalMs })],
  ] as const;
}
