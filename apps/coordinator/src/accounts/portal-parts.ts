import { MinuteLimit } from '#edge';
import { Accounts, ApiKeys, AuditLog, Invitations, Sessions } from '#storage/access';
import type { Pool } from '#storage/database';

import { AccountsController } from './accounts.controller.js';
import { Acts } from './acts.js';
import { AuditController } from './audit.controller.js';
import { Callers } from './callers.js';
import { Passwords } from './passwords.js';
import { Portal } from './portal.js';
import { SessionController } from './session.controller.js';
import { SignIns } from './sign-ins.js';

export interface PortalSettings {
  /** where people see it, where a proxy is in front */
  readonly publicOrigin: string | undefined;
  /** with a wrong API key, from one address */
  readonly wrongKeysPerMinute: number;
  /** from one address, and to one account */
  readonly signInsPerMinute: number;
}

export const PORTAL_CONTROLLERS = [SessionController, AccountsController, AuditController];

/** In all: what a crowd of addresses can have written into the audit log. */
const ADDRESSES = 30;

/** What the portal's controllers get, by class. */
export function portalParts(pool: Pool, { publicOrigin, wrongKeysPerMinute, signInsPerMinute }: PortalSettings) {
  const [keys, accounts, sessions, invitations] = [
    new ApiKeys(pool),
    new Accounts(pool),
    new Sessions(pool),
    new Invitations(pool),
  ];
  const log = new AuditLog(pool);
  const acts = new Acts(log);
  const portal = new Portal(publicOrigin);
  const passwords = new Passwords();
  const failures = new MinuteLimit({ each: wrongKeysPerMinute, total: Infinity }, Date.now);
  const limit = (): MinuteLimit =>
    new MinuteLimit({ each: signInsPerMinute, total: ADDRESSES * signInsPerMinute }, Date.now);
  const limits = { address: limit(), name: limit() };
  return [
    [ApiKeys, keys],
    [Accounts, accounts],
    [Sessions, sessions],
    [Invitations, invitations],
    [AuditLog, log],
    [Acts, acts],
    [Portal, portal],
    [Passwords, passwords],
    [Callers, new Callers(keys, sessions, portal, failures)],
    [SignIns, new SignIns({ accounts, sessions, invitations, passwords, portal, acts, limits })],
  ] as const;
}
