import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { ProtocolError, UseCaseId, type ManifestReply, type OpenRoundReply } from '#protocol';
import { ModelStore } from '#storage/bodies';
import { Pool } from '#storage/database';
import { Manifests, UseCaseDrafts } from '#storage/keys';
import { findOpenRound } from '#storage/rounds';

import { SharedReads } from './shared-reads.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What devices read before they train. The same for all of them, and asked without a name. */
@ApiTags('devices')
@Controller('v1/use-cases')
export class DevicesController {
  readonly #openRounds = new SharedReads((useCase) => findOpenRound(this.pool, useCase));

  constructor(
    private readonly drafts: UseCaseDrafts,
    private readonly manifests: Manifests,
    private readonly files: ModelStore,
    private readonly pool: Pool,
  ) {}

  @Get(':id/manifest')
  @ApiOperation({ summary: 'The signed manifest that devices pin' })
  async manifest(@Param('id', { schema: UseCaseId }) id: string): Promise<ManifestReply> {
    const stored = await this.manifests.latest(id);
    if (stored === undefined) throw new ProtocolError('unknown_use_case', 'No live use case has this name.');
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
    const round = await this.#openRounds.get(id);
    if (round === undefined) throw new ProtocolError('no_open_round', 'No round of this use case is open now.');
    return { roundId: round.id, record: hex(round.record), openForMs: round.openForMs };
  }
}
