import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';

import { UseCaseId, type KeyView } from '#protocol';

import { RequireScope } from './access.guard.js';
import { IsAct } from './accounts/acts.js';
import { KeyRotation } from './key-rotation.js';

@ApiTags('keys')
@Controller('v1')
export class KeysController {
  constructor(private readonly rotation: KeyRotation) {}

  @Get('keys')
  @ApiOperation({
    summary: 'Primary keys by name, their epochs and how often they were used; of one use case with ?useCase=',
  })
  list(@Query('useCase', { schema: UseCaseId.optional() }) useCase?: string): Promise<KeyView[]> {
    return this.rotation.list(useCase);
  }

  @Post('use-cases/:id/keys')
  @HttpCode(202)
  @RequireScope('use-cases:write')
  @IsAct('primary-key.rotate', { subject: ({ params }) => params['id'] })
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Ask for another primary key; it is announced at least a whole epoch before it is used' })
  rotate(@Param('id', { schema: UseCaseId }) useCase: string): Promise<{ notBefore: number }> {
    return this.rotation.request(useCase);
  }

  @Post('use-cases/:id/retire-epoch')
  @HttpCode(200)
  @RequireScope('use-cases:write')
  @IsAct('epoch.retire', { subject: ({ params }) => params['id'] })
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Refuse all tokens that are out: retires the current epoch and the next' })
  retireEpoch(@Param('id', { schema: UseCaseId }) useCase: string): Promise<{ firstLiveEpoch: number }> {
    return this.rotation.retireEpochs(useCase);
  }
}
