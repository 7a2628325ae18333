import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';

import type { OperationsView } from '#protocol';

import { RequireScope } from './access.guard.js';
import { Operations } from './operations.js';

@ApiTags('operations')
@ApiBearerAuth()
@Controller('v1/operations')
export class OperationsController {
  constructor(private readonly operations: Operations) {}

  @Get()
  @RequireScope('operations:read')
  @ApiOperation({ summary: 'How processes and queues are doing now: states, rates, refusals' })
  find(): Promise<OperationsView> {
    return this.operations.find();
  }
}
