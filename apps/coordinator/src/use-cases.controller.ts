import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';

import { CreateEnrolmentCode, CreateUseCase, ProtocolError, UseCaseId, type UseCaseView } from '#protocol';
import { EnrolmentCodes } from '#storage/access';
import { UseCaseDrafts } from '#storage/keys';

import { RequireScope } from './access.guard.js';
import { IsAct } from './accounts/acts.js';
import { hashOfSecret } from './accounts/callers.js';
import { newEnrolmentCode } from './enrolment-code.js';
import { UseCaseRegister } from './use-case-register.js';

@ApiTags('use cases')
@Controller('v1/use-cases')
export class UseCasesController {
  constructor(
    private readonly register: UseCaseRegister,
    private readonly drafts: UseCaseDrafts,
    private readonly codes: EnrolmentCodes,
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
    const code = newEnrolmentCode();
    await this.codes.add(hashOfSecret(code), id, uses, expiresInSeconds);
    return { code };
  }
}

const unknown = (): ProtocolError => new ProtocolError('unknown_use_case', 'No use case has this name.');
