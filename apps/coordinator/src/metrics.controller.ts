import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { Sequence, UseCaseId, type CurvesView, type MetricsView } from '#protocol';
import { MetricsOfRounds } from '#storage/rounds';

import { RoundRules } from './round-rules.js';

@ApiTags('rounds')
@Controller('v1/use-cases')
export class MetricsController {
  constructor(
    private readonly metrics: MetricsOfRounds,
    private readonly rules: RoundRules,
  ) {}

  @Get(':id/metrics')
  @ApiOperation({
    summary: 'What its rounds came to: figures, counts, quantiles of update norms, time by phase; those behind ?after=',
  })
  async find(
    @Param('id', { schema: UseCaseId }) useCase: string,
    @Query('after', { schema: Sequence.optional() }) after?: number,
  ): Promise<MetricsView> {
    await this.rules.find(useCase);
    return this.metrics.find(useCase, after);
  }

  @Get(':id/curves')
  @ApiOperation({ summary: 'Of the same rounds only the figures that curves and sums are made of, in fewer bytes' })
  async curves(@Param('id', { schema: UseCaseId }) useCase: string): Promise<CurvesView> {
    await this.rules.find(useCase);
    return this.metrics.curves(useCase);
  }
}
