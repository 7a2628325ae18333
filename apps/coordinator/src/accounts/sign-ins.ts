import { randomBytes } from 'node:crypto';

import type { Request } from 'express';

import { MinuteLimit } from '#edge';
import {
  ProtocolError,
  type AcceptInvitation,
  type Act,
  type Actor,
  type AuditDetail,
  type AuditNote,
  type ChangePassword,
  type SignIn,
} from '#protocol';
import { Accounts, Invitations, Sessions } from '#storage/access';

import type { Acts } from './acts.js';
import { hashOfSecret, type Caller } from './callers.js';
import type { Passwords } from './passwords.js';
import type { Portal } from './portal.js';

export interface SignInPorts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly invitations: Invitations;
  readonly passwords: Passwords;
  readonly portal: Portal;
  readonly acts: Acts;
  readonly limits: { readonly address: MinuteLimit; readonly name: MinuteLimit };
}

/** In place of a name that nobody has: somebody may have typed a password there. */
const NOBODY: Actor = { kind: 'account', name: '?' };

/** Passwords against sessions. Each one begins with a token of our own making, and ends the one the browser came with. */
export class SignIns {
  constructor(private readonly ports: SignInPorts) {}

  /** @returns the session's token @throws ProtocolError `unauthorized`, `rate_limited`, `overloaded` */
  async signIn(request: Request, { name, password }: SignIn): Promise<string> {
    const { accounts, passwords, acts } = this.ports;
    this.#count(request, name);
    const secret = await accounts.secretOf(name);
    const holds = await passwords.matches(secret?.passwordHash, password);
    const actor = secret === undefined ? NOBODY : actorOf(name);
    if (secret !== undefined && holds && !secret.isDisabled) {
      const token = await acts.together(request, async (client) => {
        const token = await this.#begin(request, secret, client);
        const outcome = token === undefined ? 'unauthorized' : 'done';
        return { result: token, note: noteOf(actor, 'session.sign-in', null, { outcome }) };
      });
      if (token !== undefined) return token;
    } else {
      await acts.note(request, noteOf(actor, 'session.sign-in', null, { outcome: 'unauthorized' }));
    }
    throw new ProtocolError('unauthorized', 'Name and password do not go together.');
  }

  /** Makes an account and signs it in. @throws ProtocolError `not_found`, `wrong_state` (the name is taken), … */
  async join(request: Request, { token: secret, name, password }: AcceptInvitation): Promise<string> {
    const { accounts, invitations, passwords, acts } = this.ports;
    this.#count(request, name);
    const tokenHash = hashOfSecret(secret);
    const invitation = await invitations.findOpen(tokenHash);
    if (invitation === undefined) throw noInvitation();
    const { id: subject, role } = invitation;
    const passwordHash = await passwords.hash(password);
    const id = randomBytes(16);
    const { outcome, token } = await acts.together(request, async (client) => {
      const outcome = await accounts.accept(tokenHash, { id, name, passwordHash }, client);
      const isMade = outcome === 'accepted';
      const token = isMade ? await this.#begin(request, { id: id.toString('hex'), passwordHash }, client) : undefined;
      const code = outcome === 'name_taken' ? 'wrong_state' : 'not_found';
      const detail = { role, outcome: isMade ? 'done' : code };
      return {
        result: { outcome, token },
        note: noteOf(isMade ? actorOf(name) : NOBODY, 'invitation.accept', subject, detail),
      };
    });
    if (outcome === 'name_taken') throw new ProtocolError('wrong_state', 'This name is taken: choose another.');
    if (token === undefined) throw noInvitation();
    return token;
  }

  /** Ends all other sessions of the account. @throws ProtocolError `unauthorized`, … */
  async changePassword(request: Request, { actor, session }: Caller, wish: ChangePassword): Promise<void> {
    const { accounts, passwords, sessions, acts } = this.ports;
    const { account, tokenHash } = session!;
    this.#count(request, account.name);
    const from = (await accounts.secretOf(account.name))?.passwordHash;
    const holds = await passwords.matches(from, wish.current);
    const to = holds ? await passwords.hash(wish.next) : undefined;
    const isChanged = await acts.together(request, async (client) => {
      const isChanged =
        from !== undefined && to !== undefined && (await accounts.changePassword(account.id, { from, to }, client));
      if (isChanged) await sessions.endOthers(account.id, tokenHash, client);
      const outcome = isChanged ? 'done' : 'unauthorized';
      return { result: isChanged, note: noteOf(actor, 'session.password', null, { outcome }) };
    });
    if (!isChanged) throw new ProtocolError('unauthorized', 'The current password is another one.');
  }

  async signOut(request: Request, { actor, session }: Caller): Promise<void> {
    await this.ports.acts.together(request, async (client) => {
      await this.ports.sessions.end(session!.tokenHash, client);
      return { result: undefined, note: noteOf(actor, 'session.sign-out', null, { outcome: 'done' }) };
    });
  }

  async #begin(
    request: Request,
    account: { readonly id: string; readonly passwordHash: string },
    client: Parameters<Sessions['begin']>[2],
  ): Promise<string | undefined> {
    const { sessions, portal } = this.ports;
    const former = portal.tokenOf(request);
    if (former !== undefined) await sessions.end(hashOfSecret(former), client);
    const token = randomBytes(32).toString('base64url');
    return (await sessions.begin(hashOfSecret(token), account, client)) ? token : undefined;
  }

  /** Before anything is computed, and all alike: how many come at once does not matter then. */
  #count({ socket }: Request, name: string): void {
    const { address, name: names } = this.ports.limits;
    const from = socket.remoteAddress ?? '';
    address.check(from);
    address.count(from);
    names.check(name);
    names.count(name);
  }
}

const actorOf = (name: string): Actor => ({ kind: 'account', name });

export const noteOf = (actor: Actor, act: Act, subject: string | null, detail: AuditDetail): AuditNote => ({
  actor,
  act,
  subject,
  detail,
});

const noInvitation = (): ProtocolError =>
  new ProtocolError(
    'not_found',
    'There is no such invitation any more: it was used, revoked or is over. Ask for another.',
  );
