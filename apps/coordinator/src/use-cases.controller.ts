import { randomBytes } from 'node:crypto';

import { Body, Controller, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';

import {
  CreateEnrolmentCode,
  CreateUseCase,
  ProtocolError,
  UseCaseId,
  type ManifestReply,
  type OpenRoundReply,
  type UseCaseView,
} from '#protocol';
import { EnrolmentCodes } from '#storage/access';
import { ModelStore } from '#storage/bodies';
import { Pool } from '#storage/database';
import { Manifests, UseCaseDrafts } from '#storage/keys';
import { findOpenRound } from '#storage/rounds';

import { hashOfSecret, RequireScope } from './access.guard.js';
import { UseCaseRegister } from './use-case-register.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

@ApiTags('use cases')
@Controller('v1/use-cases')
export class UseCasesController {
  constructor(
    private readonly register: UseCaseRegister,
    private readonly drafts: UseCaseDrafts,
    private readonly manifests: Manifests,
    private readonly codes: EnrolmentCodes,
    private readonly files: ModelStore,
    private readonly pool: Pool,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All use cases, newest first' })
  list(): Promise<UseCaseView[]> {
    return this.drafts.list();
  }

  @Post()
  @RequireScope('use-cases:write')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Draft a use case; it goes live when the issuer has made its key' })
  async create(@Body({ schema: CreateUseCase }) draft: CreateUseCase): Promise<{ id: string; state: 'draft' }> {
    await this.register.draft(draft);
    return { id: draft.id, state: 'draft' };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One use case and its state' })
  async find(@Param('id', { schema: UseCaseId }) id: string): Promise<UseCaseView> {
    const view = (await this.drafts.list()).find((useCase) => useCase.id === id);
    if (view === undefined) throw unknown();
    return view;
  }

  @Get(':id/manifest')
  @ApiOperation({ summary: 'The signed manifest that devices pin' })
  async manifest(@Param('id', { schema: UseCaseId }) id: string): Promise<ManifestReply> {
    const stored = await this.manifests.latest(id);
    if (stored === undefined) throw unknown();
    return { manifest: hex(stored.bytes), signature: hex(stored.signature) };
  }

  @Get(':id/topology')
  @Header('content-type', 'application/json')
  @ApiOperation({ summary: "The model's TensorFlow.js topology" })
  async topology(@Param('id', { schema: UseCaseId }) id: string): Promise<string> {
    const topology = (await this.drafts.find(id))?.draft.topology;
    const bytes = topology === undefined ? undefined : await this.files.get(Buffer.from(topology, 'hex'));
    if (bytes === undefined) throw new ProtocolError('not_found', 'This use case has no topology: its layout is bare.');
    return Buffer.from(bytes).toString('utf8');
  }

  @Get(':id/round')
  @ApiOperation({ summary: 'The open round, as every device sees it' })
  async round(@Param('id', { schema: UseCaseId }) id: string): Promise<OpenRoundReply> {
    const round = await findOpenRound(this.pool, id);
    if (round === undefined) throw new ProtocolError('no_open_round', 'No round of this use case is open now.');
    return { roundId: round.id, record: hex(round.record), openForMs: round.openForMs };
  }

  @Post(':id/enrolment-codes')
  @HttpCode(201)
  @RequireScope('use-cases:write')
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
