import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';

import {
  Digest,
  encodeEntries,
  ProtocolError,
  RoundId,
  type ManifestReply,
  type SignedTreeHead,
  type TreeHeadReply,
} from '#protocol';
import { Manifests } from '#storage/keys';
import { LogTiles, TreeHeads } from '#storage/log';
import { TILE_WIDTH } from '#transparency';

import { SharedReads } from './shared-reads.js';

const Index = z.coerce.number().int().min(0).max(0xffff_ffff);
const Level = z.coerce.number().int().min(0).max(5);
const FOREVER = 'public, max-age=31536000, immutable';
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * The transparency log. Addresses name whole tiles, pages and lists, never a leaf or a size: what somebody
 * asks for says nothing about what they did.
 */
@ApiTags('transparency log')
@Controller('v1')
export class LogController {
  readonly #latest = new SharedReads(() => this.heads.latest());
  readonly #entries = new SharedReads(async (tile) => {
    const leaves = await this.tiles.entries(Number(tile));
    return { bytes: encodeEntries(leaves), isFinal: leaves.length === TILE_WIDTH };
  });

  constructor(
    private readonly heads: TreeHeads,
    private readonly tiles: LogTiles,
    private readonly manifests: Manifests,
  ) {}

  @Get('log/head')
  @Header('cache-control', 'no-cache')
  @ApiOperation({ summary: 'The latest signed tree head: the same for everybody, at public times' })
  async head(): Promise<TreeHeadReply> {
    const head = await this.#latest.get('');
    if (head === undefined) throw new ProtocolError('not_found', 'The log is empty: no use case is live yet.');
    return reply(head);
  }

  @Get('log/heads/:page')
  @Header('cache-control', 'no-cache')
  @ApiOperation({ summary: 'All tree heads ever signed, oldest first, 256 a page' })
  async allHeads(@Param('page', { schema: Index }) page: number): Promise<TreeHeadReply[]> {
    return (await this.heads.page(page)).map(reply);
  }

  @Get('log/entries/:tile')
  @ApiOperation({
    summary: 'Leaves 256 · tile and on, each behind its length (u16), as far as the latest head covers them',
  })
  async entries(@Param('tile', { schema: Index }) tile: number, @Res() response: Response): Promise<void> {
    const { bytes, isFinal } = await this.#entries.get(String(tile));
    send(response, bytes, { isFinal });
  }

  @Get('log/tile/:level/:index')
  @ApiOperation({ summary: 'Hashes of complete subtrees of 256^level leaves, 256 a tile (C2SP tlog-tiles)' })
  async tile(
    @Param('level', { schema: Level }) level: number,
    @Param('index', { schema: Index }) index: number,
    @Res() response: Response,
  ): Promise<void> {
    const hashes = await this.tiles.hashes(level, index);
    send(response, Buffer.concat(hashes), { isFinal: hashes.length === TILE_WIDTH });
  }

  @Get('rounds/:id/accepted')
  @ApiOperation({ summary: 'The whole accepted list of a published round: SHA-256 of each header, 32 bytes, sorted' })
  async accepted(@Param('id', { schema: RoundId }) id: string, @Res() response: Response): Promise<void> {
    const list = await this.tiles.acceptedList(id);
    if (list.length === 0) throw new ProtocolError('not_found', 'No published round has this id.');
    send(response, Buffer.concat(list), { isFinal: true });
  }

  @Get('manifests/:digest')
  @Header('cache-control', FOREVER)
  @ApiOperation({ summary: 'A signed manifest, by the SHA-256 of its bytes: the log names it so' })
  async manifest(@Param('digest', { schema: Digest }) digest: string): Promise<ManifestReply> {
    const stored = await this.manifests.find(Buffer.from(digest, 'hex'));
    if (stored === undefined) throw new ProtocolError('not_found', 'No manifest has this digest.');
    return { manifest: hex(stored.bytes), signature: hex(stored.signature) };
  }
}

/** A full tile never changes; a partial one grows with the next head. */
function send(response: Response, bytes: Uint8Array, { isFinal }: { readonly isFinal: boolean }): void {
  response.set({ 'content-type': 'application/octet-stream', 'cache-control': isFinal ? FOREVER : 'no-cache' });
  response.end(bytes);
}

const reply = ({ size, root, timestamp, signature }: SignedTreeHead): TreeHeadReply => ({
  size,
  root: hex(root),
  timestamp,
  signature: hex(signature),
});
