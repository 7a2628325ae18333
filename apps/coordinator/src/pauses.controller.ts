import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';

import { UseCaseId } from '#protocol';
import { RoundPauses } from '#storage/rounds';

import { RequireScope } from './access.guard.js';
import { IsAct } from './accounts/acts.js';
import { RoundRules } from './round-rules.js';

@ApiTags('rounds')
@Controller('v1/use-cases')
export class PausesController {
  constructor(
    private readonly pauses: RoundPauses,
    private readonly rules: RoundRules,
  ) {}

  @Post(':id/pause')
  @HttpCode(200)
  @RequireScope('rounds:write')
  @IsAct('use-case.pause', { subject: ({ params }) => params['id'] })
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Hold the scheduled rounds of a use case; an open one goes on to its end' })
  async pause(@Param('id', { schema: UseCaseId }) useCase: string): Promise<{ paused: true }> {
    await this.rules.find(useCase);
    await this.pauses.pause(useCase);
    return { paused: true };
  }

  @Post(':id/resume')
  @HttpCode(200)
  @RequireScope('rounds:write')
  @IsAct('use-case.resume', { subject: ({ params }) => params['id'] })
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Let them go on; the pause counts for none of their deadlines' })
  async resume(@Param('id', { schema: UseCaseId }) useCase: string): Promise<{ paused: false }> {
    await this.rules.find(useCase);
    await this.pauses.resume(useCase);
    return { paused: false };
  }
}
