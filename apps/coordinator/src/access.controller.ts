import { randomBytes } from 'node:crypto';

import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';

import { CreateApiKey, ProtocolError, RevokeApiKey, RevokeEnrolmentCode, type ApiKeyView } from '#protocol';
import { ApiKeys, EnrolmentCodes } from '#storage/access';

import { RequireScope } from './access.guard.js';
import { IsAct } from './accounts/acts.js';
import { hashOfSecret } from './accounts/callers.js';

/** Who may do what: researchers' keys, and codes taken back. */
@ApiTags('access')
@ApiBearerAuth()
@Controller('v1')
export class AccessController {
  constructor(
    private readonly keys: ApiKeys,
    private readonly codes: EnrolmentCodes,
  ) {}

  @Post('api-keys')
  @HttpCode(201)
  @RequireScope('keys:write')
  @IsAct('api-key.create', {
    subject: ({ body }) => body['name'],
    detail: ({ body }) => ({ scopes: String(body['scopes']) }),
  })
  @ApiOperation({ summary: 'A new API key; it is shown once and kept as a hash' })
  async createKey(@Body({ schema: CreateApiKey }) { name, scopes }: CreateApiKey): Promise<{ key: string }> {
    const key = randomBytes(24).toString('base64url');
    await this.keys.add(hashOfSecret(key), { name, scopes });
    return { key };
  }

  @Get('api-keys')
  @RequireScope('keys:write')
  @ApiOperation({ summary: 'API keys by name and scopes, revoked ones too' })
  listKeys(): Promise<ApiKeyView[]> {
    return this.keys.list();
  }

  @Post('api-keys/revoke')
  @HttpCode(200)
  @RequireScope('keys:write')
  @IsAct('api-key.revoke', { subject: ({ body }) => body['id'] })
  @ApiOperation({ summary: 'An API key is none from now on, also the one this is asked with' })
  async revokeKey(@Body({ schema: RevokeApiKey }) { id }: RevokeApiKey): Promise<{ revoked: true }> {
    if (!(await this.keys.revoke(id))) throw new ProtocolError('not_found', 'There is no API key with this id.');
    return { revoked: true };
  }

  @Post('enrolment-codes/revoke')
  @HttpCode(200)
  @RequireScope('use-cases:write')
  @IsAct('enrolment-code.revoke')
  @ApiOperation({ summary: 'No more devices enrol with this code; those that did stay' })
  async revokeCode(@Body({ schema: RevokeEnrolmentCode }) { code }: RevokeEnrolmentCode): Promise<{ revoked: true }> {
    if (!(await this.codes.revoke(hashOfSecret(code)))) throw new ProtocolError('not_found', 'There is no such code.');
    return { revoked: true };
  }
}
