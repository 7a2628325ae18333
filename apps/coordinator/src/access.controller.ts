import { randomBytes } from 'node:crypto';

import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';

import { CreateApiKey, ProtocolError, RevokeEnrolmentCode } from '#protocol';
import { ApiKeys, EnrolmentCodes } from '#storage/access';

import { hashOfSecret, RequireScope } from './access.guard.js';

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
  @ApiOperation({ summary: 'A new API key; it is shown once and kept as a hash' })
  async createKey(@Body({ schema: CreateApiKey }) { name, scopes }: CreateApiKey): Promise<{ key: string }> {
    const key = randomBytes(24).toString('base64url');
    await this.keys.add(hashOfSecret(key), { name, scopes });
    return { key };
  }

  @Post('enrolment-codes/revoke')
  @HttpCode(200)
  @RequireScope('use-cases:write')
  @ApiOperation({ summary: 'No more devices enrol with this code; those that did stay' })
  async revokeCode(@Body({ schema: RevokeEnrolmentCode }) { code }: RevokeEnrolmentCode): Promise<{ revoked: true }> {
    if (!(await this.codes.revoke(hashOfSecret(code)))) throw new ProtocolError('not_found', 'There is no such code.');
    return { revoked: true };
  }
}
