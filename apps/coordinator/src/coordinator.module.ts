import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { Controller, Get, Module, Redirect, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ApiExcludeController } from '@nestjs/swagger';
import { ServeStaticModule } from '@nestjs/serve-static';

import { HealthModule, MinuteLimit, type Readiness } from '#edge';
import { ApiKeys, EnrolmentCodes } from '#storage/access';
import type { Strategies } from '#learning';
import { ModelStore } from '#storage/bodies';
import { Pool } from '#storage/database';
import { Manifests, Rotations, UseCaseDrafts } from '#storage/keys';
import { LogTiles, TreeHeads, UnloggedFacts } from '#storage/log';
import {
  MetricsOfRounds,
  Models,
  ReleaseLedger,
  RoundDeadlines,
  RoundPauses,
  RoundPlans,
  RoundRetries,
  RoundSchedule,
  RoundViews,
} from '#storage/rounds';

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
import { PausesController } from './pauses.controller.js';
import { RoundEventsGateway } from './round-events.gateway.js';
import { RoundKeeper } from './round-keeper.js';
import { RoundRules } from './round-rules.js';
import { RoundsController } from './rounds.controller.js';
import { UseCaseRegister } from './use-case-register.js';
import { TreeHeadSigner } from './tree-head-signer.js';
import { UseCasesController } from './use-cases.controller.js';

/** What the build made of the pages, and where each is served. */
const PAGES = [
  { rootPath: fileURLToPath(new URL('../../../dashboard/', import.meta.url)), serveRoot: '/ui' },
  { rootPath: fileURLToPath(new URL('../../../take-part/', import.meta.url)), serveRoot: '/take-part' },
];

@ApiExcludeController()
@Controller()
class HomeController {
  @Get()
  @Redirect('/ui/', 302)
  home(): void {}
}

export interface CoordinatorParts {
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
  /** from one address */
  readonly wrongKeysPerMinute: number;
}

@Module({})
export class CoordinatorModule {
  static with(parts: CoordinatorParts): DynamicModule {
    return {
      module: CoordinatorModule,
      imports: [
        HealthModule.with('coordinator', parts.readiness),
        ServeStaticModule.forRoot(...PAGES.filter(({ rootPath }) => existsSync(rootPath))),
      ],
      controllers: [
        HomeController,
        AccessController,
        UseCasesController,
        DeploymentController,
        DevicesController,
        KeysController,
        RoundsController,
        PausesController,
        MetricsController,
        ModelsController,
        LogController,
      ],
      providers: [
        RoundEventsGateway,
        { provide: APP_GUARD, useClass: AccessGuard },
        ...valuesOf(parts).map(([provide, useValue]) => ({ provide, useValue })),
      ],
    };
  }
}

/** What controllers and keepers get, by class. */
function valuesOf(parts: CoordinatorParts) {
  const { pool, files, strategies, key, logKey, audience, logIntervalMs, patienceMs, wrongKeysPerMinute } = parts;
  const drafts = new UseCaseDrafts(pool);
  const models = new Models(pool);
  const schedule = new RoundSchedule(pool);
  const heads = new TreeHeads(pool);
  const register = new UseCaseRegister({ drafts, models, files, strategies, key, logKey: logKey.publicKey }, audience);
  return [
    [Pool, pool],
    [Deployment, parts.deployment],
    [ModelStore, files],
    [UseCaseDrafts, drafts],
    [Models, models],
    [RoundSchedule, schedule],
    [RoundRules, new RoundRules({ drafts, strategies, models, ledger: new ReleaseLedger(pool) })],
    [RoundViews, new RoundViews(pool)],
    [RoundRetries, new RoundRetries(pool)],
    [RoundPauses, new RoundPauses(pool)],
    [MetricsOfRounds, new MetricsOfRounds(pool)],
    [Manifests, new Manifests(pool)],
    [ApiKeys, new ApiKeys(pool)],
    [MinuteLimit, new MinuteLimit({ each: wrongKeysPerMinute, total: Infinity }, Date.now)],
    [EnrolmentCodes, new EnrolmentCodes(pool)],
    [UseCaseRegister, register],
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
        },
        patienceMs,
      ),
    ],
    [LogTiles, new LogTiles(pool)],
    [TreeHeads, heads],
    [TreeHeadSigner, new TreeHeadSigner(heads, logKey, { audience, intervalMs: logIntervalMs })],
  ] as const;
}
