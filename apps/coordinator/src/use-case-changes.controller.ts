import { Body, Controller, Get, Param, Patch, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';

import { ChangeUseCase, ProtocolError, UseCaseId, type UseCaseChange, type UseCaseDetail } from '#protocol';
import { UseCaseChanges, UseCaseDrafts } from '#storage/keys';

import { RequireScope } from './access.guard.js';
import { Acts, IsAct } from './accounts/acts.js';
import { callerOf } from './accounts/callers.js';
import { changeUseCase } from './use-case-change.js';

/** A use case as it became since it is live. */
@ApiTags('use cases')
@Controller('v1/use-cases')
export class UseCaseChangesController {
  constructor(
    private readonly drafts: UseCaseDrafts,
    private readonly changes: UseCaseChanges,
    private readonly acts: Acts,
  ) {}

  @Get(':id')
  @ApiOperation({ summary: 'One use case, its state, and what changed since it is live' })
  async find(@Param('id', { schema: UseCaseId }) id: string): Promise<UseCaseDetail> {
    const view = (await this.drafts.list()).find((useCase) => useCase.id === id);
    if (view === undefined) throw new ProtocolError('unknown_use_case', 'No use case has this name.');
    return { ...view, changes: await this.changes.list(id) };
  }

  @Patch(':id')
  @RequireScope('use-cases:write')
  @IsAct('use-case.change', { subject: ({ params }) => params['id'] })
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Change what devices do not pin, from the start of the next epoch on' })
  async change(
    @Param('id', { schema: UseCaseId }) id: string,
    @Body({ schema: ChangeUseCase }) wish: ChangeUseCase,
    @Req() request: Request,
  ): Promise<UseCaseChange> {
    return this.acts.together(request, async (client) => {
      const change = await changeUseCase(this.changes, id, wish, client);
      const { actor } = callerOf(request)!;
      const detail = { ...change.fields, fromEpoch: change.fromEpoch, outcome: 'done' };
      return { result: change, note: { actor, act: 'use-case.change', subject: id, detail } };
    });
  }
}
