import { randomBytes } from 'node:crypto';

import { Body, Controller, Get, Header, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';

import {
  AccountId,
  ChangeAccount,
  CreateInvitation,
  ProtocolError,
  RevokeInvitation,
  type AccountView,
  type InvitationView,
  type NewInvitation,
} from '#protocol';
import { Accounts, Invitations } from '#storage/access';

import { RequireScope } from '../access.guard.js';
import { Acts, IsAct } from './acts.js';
import { callerOf, hashOfSecret } from './callers.js';
import { noteOf } from './sign-ins.js';

/** Who is let in, and as what. */
@ApiTags('accounts')
@ApiBearerAuth()
@Controller('v1')
export class AccountsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly invitations: Invitations,
    private readonly acts: Acts,
  ) {}

  @Get('accounts')
  @RequireScope('accounts:write')
  @ApiOperation({ summary: 'All accounts, oldest first, disabled ones too' })
  list(): Promise<AccountView[]> {
    return this.accounts.list();
  }

  @Post('accounts/:id')
  @HttpCode(200)
  @RequireScope('accounts:write')
  @IsAct('account.change', { subject: ({ params }) => params['id'] })
  @ApiOperation({ summary: 'Another role; or disabled, which ends its sessions at once; or enabled again' })
  async change(
    @Param('id', { schema: AccountId }) id: string,
    @Body({ schema: ChangeAccount }) change: ChangeAccount,
    @Req() request: Request,
  ): Promise<AccountView> {
    const { outcome, account } = await this.acts.together(request, async (client) => {
      const outcome = await this.accounts.change(id, change, client);
      const account = await this.accounts.find(id, client);
      const ended = outcome === 'changed' ? 'done' : outcome === 'no_account' ? 'not_found' : 'wrong_state';
      const { role = null, disabled = null } = change;
      const detail = { name: account?.name ?? null, role, disabled, outcome: ended };
      return { result: { outcome, account }, note: noteOf(callerOf(request)!.actor, 'account.change', id, detail) };
    });
    if (account === undefined) throw new ProtocolError('not_found', 'No account has this id.');
    if (outcome === 'changed') return account;
    throw new ProtocolError('wrong_state', 'This is the last owner: make another account an owner first.');
  }

  @Post('invitations')
  @HttpCode(201)
  @Header('cache-control', 'no-store')
  @RequireScope('accounts:write')
  @IsAct('invitation.create')
  @ApiOperation({ summary: 'Let somebody make an account of a role; the token is shown once and kept as a hash' })
  async invite(
    @Body({ schema: CreateInvitation }) { role, expiresInSeconds }: CreateInvitation,
    @Req() request: Request,
  ): Promise<NewInvitation> {
    const token = randomBytes(32).toString('base64url');
    const bytes = randomBytes(16);
    const id = bytes.toString('hex');
    return this.acts.together(request, async (client) => {
      const invitation = { id: bytes, tokenHash: hashOfSecret(token), role, validSeconds: expiresInSeconds };
      const expiresAt = await this.invitations.add(invitation, client);
      const detail = { role, expiresAt, outcome: 'done' };
      const note = noteOf(callerOf(request)!.actor, 'invitation.create', id, detail);
      return { result: { id, token, role, expiresAt }, note };
    });
  }

  @Get('invitations')
  @RequireScope('accounts:write')
  @ApiOperation({ summary: 'All invitations of the last weeks, newest first; never their tokens' })
  listInvitations(): Promise<InvitationView[]> {
    return this.invitations.list();
  }

  @Post('invitations/revoke')
  @HttpCode(200)
  @RequireScope('accounts:write')
  @IsAct('invitation.revoke', { subject: ({ body }) => body['id'] })
  @ApiOperation({ summary: 'Nobody joins with it from now on' })
  async revoke(
    @Body({ schema: RevokeInvitation }) { id }: RevokeInvitation,
    @Req() request: Request,
  ): Promise<{ revoked: true }> {
    const outcome = await this.acts.together(request, async (client) => {
      const outcome = await this.invitations.revoke(id, client);
      const ended = outcome === 'revoked' ? 'done' : outcome === 'accepted' ? 'wrong_state' : 'not_found';
      const note = noteOf(callerOf(request)!.actor, 'invitation.revoke', id, { outcome: ended });
      return { result: outcome, note };
    });
    if (outcome === 'no_invitation') throw new ProtocolError('not_found', 'No invitation has this id.');
    if (outcome === 'accepted') {
      throw new ProtocolError('wrong_state', 'This invitation was accepted already: disable the account instead.');
    }
    return { revoked: true };
  }
}
