import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';

import { Strategies } from '#learning';
import type { StrategyView } from '#protocol';

import { RequireScope } from './access.guard.js';

@ApiTags('use cases')
@ApiBearerAuth()
@Controller('v1/strategies')
export class StrategiesController {
  constructor(private readonly strategies: Strategies) {}

  @Get()
  @RequireScope('use-cases:write')
  @ApiOperation({
    summary: "Strategies that a use case can choose, with their options: the built-in ones, then one's own",
  })
  list(): StrategyView[] {
    return this.strategies.kinds.map(({ name, options }) => ({
      name,
      options: Object.fromEntries(Object.entries(options).map(([option, usual]) => [option, usual ?? null])),
    }));
  }
}
