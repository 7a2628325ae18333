import { Body, Controller, Delete, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';

import { AcceptInvitation, ChangePassword, SCOPES_OF, SignIn, type SessionView } from '#protocol';
import { Sessions } from '#storage/access';

import { RequireSession } from '../access.guard.js';
import { IsAct } from './acts.js';
import { callerOf, Callers, hashOfSecret } from './callers.js';
import { Portal } from './portal.js';
import { SignIns } from './sign-ins.js';

/** People who sign in, and out. */
@ApiTags('accounts')
@Controller('v1')
export class SessionController {
  constructor(
    private readonly signIns: SignIns,
    private readonly sessions: Sessions,
    private readonly callers: Callers,
    private readonly portal: Portal,
  ) {}

  @Get('session')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Who is signed in; null where nobody is' })
  async find(@Req() request: Request): Promise<SessionView> {
    const caller = await this.callers.findSession(request);
    return caller === undefined ? { account: null } : { account: caller.session.account, scopes: caller.scopes };
  }

  @Post('session')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @IsAct('session.sign-in')
  @ApiOperation({ summary: 'Sign in; the session is a cookie' })
  async signIn(
    @Body({ schema: SignIn }) wish: SignIn,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionView> {
    this.portal.checkOrigin(request);
    return this.#welcome(request, response, await this.signIns.signIn(request, wish));
  }

  @Post('invitations/accept')
  @HttpCode(201)
  @Header('cache-control', 'no-store')
  @IsAct('invitation.accept')
  @ApiOperation({ summary: 'Make an account of an invitation, and sign it in' })
  async join(
    @Body({ schema: AcceptInvitation }) wish: AcceptInvitation,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionView> {
    this.portal.checkOrigin(request);
    return this.#welcome(request, response, await this.signIns.join(request, wish));
  }

  @Delete('session')
  @IsAct('session.sign-out')
  @ApiOperation({ summary: 'Sign out; harmless where nobody is signed in' })
  async signOut(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<{ signedOut: true }> {
    const caller = await this.callers.findSession(request);
    if (caller !== undefined) {
      this.portal.checkIntent(request);
      await this.signIns.signOut(request, caller);
    }
    this.portal.takeBack(request, response);
    return { signedOut: true };
  }

  @Post('session/password')
  @HttpCode(200)
  @RequireSession()
  @IsAct('session.password')
  @ApiOperation({ summary: 'Another password; ends the other sessions of the account' })
  async changePassword(
    @Body({ schema: ChangePassword }) wish: ChangePassword,
    @Req() request: Request,
  ): Promise<{ changed: true }> {
    await this.signIns.changePassword(request, callerOf(request)!, wish);
    return { changed: true };
  }

  async #welcome(request: Request, response: Response, token: string): Promise<SessionView> {
    const account = await this.sessions.find(hashOfSecret(token));
    if (account === undefined) return { account: null };
    this.portal.give(request, response, token);
    return { account, scopes: SCOPES_OF[account.role] };
  }
}
