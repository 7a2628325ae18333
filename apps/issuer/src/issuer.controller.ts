import { Body, Controller, Get, Headers, HttpCode, Param, Post } from '@nestjs/common';

import { parseMessage } from '#edge';
import {
  DEVICE_HEADERS,
  DeviceHeaders,
  EnrolRequest,
  ProtocolError,
  TokensRequest,
  UseCaseId,
  type EnrolReply,
  type ManifestReply,
  type SlotsReply,
  type TokensReply,
} from '#protocol';
import { Issuances } from '#storage/identity';

import { Enrolment } from './enrolment.js';
import { KeyRing } from './key-ring.js';
import { TokenIssuer } from './token-issuer.js';

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What a device asks the issuer, under its own name. */
@Controller('v1')
export class IssuerController {
  constructor(
    private readonly enrolment: Enrolment,
    private readonly issuer: TokenIssuer,
    private readonly keys: KeyRing,
    private readonly issuances: Issuances,
  ) {}

  @Post('devices')
  enrol(@Body({ schema: EnrolRequest }) request: EnrolRequest): Promise<EnrolReply> {
    return this.enrolment.enrol(request);
  }

  @Get('use-cases/:id/manifest')
  async manifest(@Param('id', { schema: UseCaseId }) useCase: string): Promise<ManifestReply> {
    const { bytes: manifest, signature } = await this.keys.manifest(useCase);
    return { manifest: hex(manifest), signature: hex(signature) };
  }

  @Get('use-cases/:id/slots')
  async slots(@Param('id', { schema: UseCaseId }) useCase: string): Promise<SlotsReply> {
    const window = await this.issuances.window(useCase);
    if (window === undefined) throw new ProtocolError('unknown_use_case', 'No live use case has this name.');
    const { epoch, nextSlot } = window;
    return { epoch, nextSlot };
  }

  @Post('use-cases/:id/tokens')
  @HttpCode(200)
  issue(
    @Param('id', { schema: UseCaseId }) useCase: string,
    @Headers() rawHeaders: Record<string, unknown>,
    @Body({ schema: TokensRequest }) { epoch, slots, blinded }: TokensRequest,
  ): Promise<TokensReply> {
    const headers = parseMessage(DeviceHeaders, rawHeaders);
    return this.issuer.issue({
      deviceId: headers[DEVICE_HEADERS.device],
      useCase,
      timestamp: Number(headers[DEVICE_HEADERS.timestamp]),
      nonce: bytes(headers[DEVICE_HEADERS.nonce]),
      signature: bytes(headers[DEVICE_HEADERS.signature]),
      request: { epoch, slots, blinded: blinded.map(bytes) },
    });
  }
}
