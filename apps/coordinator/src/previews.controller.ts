import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';

import type { UseCasePreview } from '#protocol';

import { RequireScope } from './access.guard.js';
import { UseCasePreviews } from './use-case-previews.js';

/** Any object: what does not fit is told field by field, and refused where the use case is created. */
const Anything = z.record(z.string().max(64), z.unknown());

@ApiTags('use cases')
@ApiBearerAuth()
@Controller('v1/use-cases')
export class PreviewsController {
  constructor(private readonly previews: UseCasePreviews) {}

  @Post('preview')
  @HttpCode(200)
  @RequireScope('use-cases:write')
  @ApiOperation({ summary: 'What would come of a use case: what is wrong with it, what it costs. Nothing is created' })
  preview(@Body({ schema: Anything }) body: Record<string, unknown>): Promise<UseCasePreview> {
    return this.previews.preview(body);
  }
}
