import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';

import type { JobsView, OperationsView } from '#protocol';
import { QueueJobs } from '#storage/rounds';

import { RequireScope } from './access.guard.js';
import { Operations } from './operations.js';
import { SharedReads } from './shared-reads.js';

@ApiTags('operations')
@ApiBearerAuth()
@Controller('v1/operations')
export class OperationsController {
  /** However many look, the tables are asked twice at a time. */
  readonly #jobs: SharedReads<JobsView>;

  constructor(
    private readonly operations: Operations,
    jobs: QueueJobs,
  ) {
    this.#jobs = new SharedReads(() => jobs.view());
  }

  @Get()
  @RequireScope('operations:read')
  @ApiOperation({ summary: 'How processes and queues are doing now: states, rates, refusals' })
  find(): Promise<OperationsView> {
    return this.operations.find();
  }

  @Get('jobs')
  @RequireScope('operations:read')
  @ApiOperation({ summary: 'What the worker is doing and is to do, job by job, and what failed last' })
  listJobs(): Promise<JobsView> {
    return this.#jobs.get('');
  }
}
