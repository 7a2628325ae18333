import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { ProtocolError, type DeploymentReply } from '#protocol';

/** Where this deployment's processes are for devices; undefined where nobody has said. */
export class Deployment {
  constructor(readonly reply: DeploymentReply | undefined) {}
}

@ApiTags('deployment')
@Controller('v1/deployment')
export class DeploymentController {
  constructor(private readonly deployment: Deployment) {}

  @Get()
  @ApiOperation({ summary: 'Addresses of issuer, coordinator and intake, and the key that devices pin' })
  find(): DeploymentReply {
    const { reply } = this.deployment;
    if (reply !== undefined) return reply;
    throw new ProtocolError(
      'not_found',
      'This coordinator was not told where issuer and intake are: set PUBLIC_ISSUER_URL and PUBLIC_INTAKE_URL.',
    );
  }
}
