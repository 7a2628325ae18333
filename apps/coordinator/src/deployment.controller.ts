import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import type { DeploymentView } from '#protocol';

/** A class, so that Nest finds it. */
export class DeploymentFacts {
  constructor(readonly view: DeploymentView) {}
}

@ApiTags('devices')
@Controller('v1/deployment')
export class DeploymentController {
  constructor(private readonly facts: DeploymentFacts) {}

  @Get()
  @ApiOperation({ summary: 'Where devices find issuer, coordinator and intake, and the key that they pin' })
  find(): DeploymentView {
    return this.facts.view;
  }
}
