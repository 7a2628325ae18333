import { randomBytes } from 'node:crypto';

import { Body, Controller, Get, HttpCode, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';

import type { Request } from 'express';

import {
  ChangeUseCase,
  CreateEnrolmentCode,
  CreateUseCase,
  ProtocolError,
  UseCaseId,
  type UseCaseChange,
  type UseCaseDetail,
  type UseCaseView,
} from '#protocol';
import { EnrolmentCodes } from '#storage/access';
import { UseCaseChanges, UseCaseDrafts } from '#storage/keys';

import { RequireScope } from './access.guard.js';
import { Acts, IsAct } from './accounts/acts.js';
import { callerOf, hashOfSecret } from './accounts/callers.js';
import { changeUseCase } from './use-case-change.js';
import { UseCaseRegister } from './use-case-register.js';

@ApiTags('use cases')
@Controller('v1/use-cases')
export class UseCasesController {
  constructor(
    private readonly register: UseCaseRegister,
    private readonly drafts: UseCaseDrafts,
    private readonly codes: EnrolmentCodes,
    private readonly changes: UseCaseChanges,
    private readonly acts: Acts,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All use cases, newest first' })
  list(): Promise<UseCaseView[]> {
    return this.drafts.list();
  }

  @Post()
  @RequireScope('use-cases:write')
  @IsAct('use-case.create', { subject: ({ body }) => body['id'] })
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Draft a use case; it goes live when the issuer has made its key' })
  async create(@Body({ schema: CreateUseCase }) draft: CreateUseCase): Promise<{ id: string; state: 'draft' }> {
    await this.register.draft(draft);
    return { id: draft.id, state: 'draft' };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One use case, its state, and what changed since it is live' })
  async find(@Param('id', { schema: UseCaseId }) id: string): Promise<UseCaseDetail> {
    const view = (await this.drafts.list()).find((useCase) => useCase.id === id);
    if (view === undefined) throw unknown();
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

  @Post(':id/enrolment-codes')
  @HttpCode(201)
  @RequireScope('use-cases:write')
  @IsAct('enrolment-code.create', {
    subject: ({ params }) => params['id'],
    detail: ({ body }) => ({ uses: Number(body['uses']) }),
  })
  @ApiBearerAuth()
  @ApiOperation({ summary: 'A code with which some number of devices can enrol' })
  async code(
    @Param('id', { schema: UseCaseId }) id: string,
    @Body({ schema: CreateEnrolmentCode }) { uses, expiresInSeconds }: CreateEnrolmentCode,
  ): Promise<{ code: string }> {
    if ((await this.drafts.find(id)) === undefined) throw unknown();
    const code = randomBytes(15).toString('base64url');
    await this.codes.add(hashOfSecret(code), id, uses, expiresInSeconds);
    return { code };
  }
}

const unknown = (): ProtocolError => new ProtocolError('unknown_use_case', 'No use case has this name.');
