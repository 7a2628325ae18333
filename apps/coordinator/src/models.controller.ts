import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';

import { decodeSafetensors, flatten, layoutOfTensors, toLayersFormat, type LayersFormat } from '#learning';
import { Digest, ProtocolError, UseCaseId, type ModelView } from '#protocol';
import { ModelStore } from '#storage/bodies';
import { UseCaseDrafts } from '#storage/keys';
import { Models } from '#storage/rounds';

import { RequireScope } from './access.guard.js';
import { IsAct } from './accounts/acts.js';
import { ModelCache } from './model-cache.js';
import { SharedReads } from './shared-reads.js';

/** of an uploaded model, topology or evaluation set */
const MAX_BLOB_BYTES = 2 ** 30;
const PIECE_BYTES = 2 ** 17;
/** A digest names its bytes for ever. */
const FOREVER = 'public, max-age=31536000, immutable';

@ApiTags('models')
@Controller('v1')
export class ModelsController {
  readonly #cache = new ModelCache();
  readonly #modelFiles = new SharedReads(async (digest) => {
    if (!(await this.models.isModel(Buffer.from(digest, 'hex')))) throw noModel();
    const path = this.files.path(Buffer.from(digest, 'hex'));
    return { path, size: (await stat(path)).size };
  });

  constructor(
    private readonly models: Models,
    private readonly files: ModelStore,
    private readonly drafts: UseCaseDrafts,
  ) {}

  @Get('models')
  @RequireScope('models:read')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Model versions, newest first; of one use case with ?useCase=' })
  list(@Query('useCase', { schema: UseCaseId.optional() }) useCase?: string): Promise<ModelView[]> {
    return this.models.list(useCase);
  }

  @Get('models/:digest')
  @ApiOperation({ summary: 'A model as safetensors, by the SHA-256 of its bytes' })
  async download(@Param('digest', { schema: Digest }) digest: string, @Res() response: Response): Promise<void> {
    const { path, size } = await this.#modelFiles.get(digest);
    response.set({ 'content-type': 'application/octet-stream', 'content-length': `${size}`, 'cache-control': FOREVER });
    const cached = await this.#cache.get(path, size);
    // In small pieces: each device that reads slowly makes us keep one. A device that hangs up in the middle is no error of ours.
    const source = cached === undefined ? createReadStream(path) : piecesOf(cached);
    await pipeline(source, response).catch(() => response.destroy());
  }

  @Get('models/:digest/tfjs/model.json')
  @ApiOperation({ summary: 'The same model in TensorFlow.js layers format; weights beside it' })
  async layersModel(@Param('digest', { schema: Digest }) digest: string): Promise<unknown> {
    return (await this.#layersFormat(digest)).modelJson;
  }

  @Get('models/:digest/tfjs/weights.bin')
  @ApiOperation({ summary: 'Weights of the TensorFlow.js layers format' })
  async layersWeights(@Param('digest', { schema: Digest }) digest: string, @Res() response: Response): Promise<void> {
    const { weights } = await this.#layersFormat(digest);
    response.type('application/octet-stream').set('cache-control', FOREVER).send(Buffer.from(weights));
  }

  @Post('blobs')
  @HttpCode(201)
  @RequireScope('models:write')
  @ApiBearerAuth()
  @IsAct('file.upload', { subject: ({ result }) => (result as { digest?: string } | undefined)?.digest })
  @ApiConsumes('application/octet-stream')
  @ApiOperation({ summary: 'Upload an initial model, a topology or an evaluation set' })
  async upload(@Req() request: Request): Promise<{ digest: string }> {
    if (!request.is('application/octet-stream')) {
      throw new ProtocolError('malformed_message', 'Send the bytes as application/octet-stream.');
    }
    // Read here and not by a parser: those run before the API key is looked at.
    return { digest: Buffer.from(await this.files.putStream(limited(request))).toString('hex') };
  }

  async #find(digest: string): Promise<ModelView> {
    const model = await this.models.find(Buffer.from(digest, 'hex'));
    if (model === undefined) throw noModel();
    return model;
  }

  async #layersFormat(digest: string): Promise<LayersFormat> {
    const { useCase } = await this.#find(digest);
    const topologyDigest = (await this.drafts.find(useCase))?.draft.topology;
    const topology =
      topologyDigest === undefined ? undefined : await this.files.get(Buffer.from(topologyDigest, 'hex'));
    const bytes = await this.files.get(Buffer.from(digest, 'hex'));
    if (topology === undefined || bytes === undefined) {
      throw new ProtocolError('not_found', 'This use case has a bare layout: download the safetensors file instead.');
    }
    const tensors = decodeSafetensors(bytes);
    return toLayersFormat(
      JSON.parse(Buffer.from(topology).toString('utf8')),
      layoutOfTensors(tensors),
      flatten(tensors),
    );
  }
}

const noModel = (): ProtocolError => new ProtocolError('not_found', 'No model has this digest.');

/** Of memory that all downloads share; under TLS a device that reads slowly has one of its own. */
function* piecesOf(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

async function* limited(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BLOB_BYTES) throw new ProtocolError('too_large', `A file has at most ${MAX_BLOB_BYTES} bytes.`);
    yield chunk;
  }
  if (length === 0) throw new ProtocolError('malformed_message', 'The file is empty.');
}
