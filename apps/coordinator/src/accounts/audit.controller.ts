import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';

import { AuditBefore, AuditLimit, type AuditPage } from '#protocol';
import { AuditLog } from '#storage/access';

import { RequireScope } from '../access.guard.js';

@ApiTags('accounts')
@ApiBearerAuth()
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly log: AuditLog) {}

  @Get()
  @RequireScope('audit:read')
  @ApiOperation({ summary: 'Who did what and how it ended, newest first; older ones with ?before= an id' })
  page(
    @Query('before', { schema: AuditBefore }) before: number | undefined,
    @Query('limit', { schema: AuditLimit }) limit: number,
  ): Promise<AuditPage> {
    return this.log.page(before, limit);
  }
}
