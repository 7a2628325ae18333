import { Option, type Command } from 'commander';

import { ACCOUNT_ROLES, invitationAddress, type AccountRole, type AccountView, type ChangeAccount } from '#protocol';

import { CliError, EXIT } from '../cli-error.js';
import type { CoordinatorClient } from '../coordinator-client.js';
import { findCoordinator } from '../find-coordinator.js';
import { print } from '../output/print.js';
import { renderFacts, renderTable } from '../output/table.js';
import { answer } from './answer.js';
import { whole, withConnection, withExample, type TalkOptions } from './options.js';

interface InviteOptions extends TalkOptions {
  readonly role: AccountRole;
  readonly expiresIn: number;
}

const WEEK_S = 604_800;

export function addAccount(program: Command): void {
  const account = program.command('account').description('People who may sign in: list, invite, change');
  const list = account.command('list').description('All accounts, disabled ones too');
  withExample(withConnection(list), 'account list').action(listAccounts);
  const invite = account
    .command('invite')
    .description('An address at which somebody makes an account of their own; good once')
    .addOption(new Option('--role <role>', 'what the account may do').choices(ACCOUNT_ROLES).makeOptionMandatory())
    .option('--expires-in <seconds>', 'how long it is good', whole(60, 2_592_000), WEEK_S);
  withExample(withConnection(invite), 'account invite --role researcher').action(inviteAccount);
  for (const [name, disabled, description] of [
    ['disable', true, 'It is signed out everywhere at once, and cannot sign in'],
    ['enable', false, 'It can sign in again'],
  ] as const) {
    const command = account.command(name).argument('<account>', 'name or id').description(description);
    withExample(withConnection(command), `account ${name} ann`).action((which: string, options: TalkOptions) =>
      change(which, { disabled }, options),
    );
  }
  const role = account
    .command('role')
    .argument('<account>', 'name or id')
    .argument('<role>', ACCOUNT_ROLES.join(', '))
    .description('Another role, from its next request on');
  withExample(withConnection(role), 'account role ann owner').action(
    (which: string, role: string, options: TalkOptions) => change(which, { role: roleOf(role) }, options),
  );
}

const listAccounts = (options: TalkOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.listAccounts(),
    (accounts) =>
      renderTable(
        [
          { title: 'NAME', value: ({ name }) => name },
          { title: 'ROLE', value: ({ role }) => role },
          { title: 'STATE', value: ({ disabledAt }) => (disabledAt === null ? 'good' : 'disabled') },
          { title: 'LAST SEEN', value: ({ lastSeenAt }) => lastSeenAt ?? 'never' },
          { title: 'MADE', value: ({ createdAt }) => createdAt },
          { title: 'ID', value: ({ id }) => id },
        ],
        accounts,
      ),
  );

async function inviteAccount({ role, expiresIn, ...options }: InviteOptions): Promise<void> {
  const coordinator = await findCoordinator(options);
  const invitation = await coordinator.invite({ role, expiresInSeconds: expiresIn });
  const address = invitationAddress(coordinator.url, invitation.token);
  print(options, { ...invitation, address }, () =>
    renderFacts([
      ['sign up', address],
      ['role', role],
      ['good until', invitation.expiresAt],
    ]),
  );
}

const change = (which: string, wish: ChangeAccount, options: TalkOptions): Promise<void> =>
  answer(
    options,
    async (coordinator) => coordinator.changeAccount((await findAccount(coordinator, which)).id, wish),
    ({ name, role, disabledAt }) => `${name} is ${disabledAt === null ? `good, with the role ${role}` : 'disabled'}.`,
  );

async function findAccount(coordinator: CoordinatorClient, which: string): Promise<AccountView> {
  const account = (await coordinator.listAccounts()).find(({ id, name }) => id === which || name === which);
  if (account !== undefined) return account;
  throw new CliError(EXIT.failed, `No account has the name or id ${which}: "account list" shows them.`);
}

function roleOf(text: string): AccountRole {
  const role = ACCOUNT_ROLES.find((role) => role === text);
  if (role === undefined) throw new CliError(EXIT.usage, `"${text}" is no role: ${ACCOUNT_ROLES.join(', ')}.`);
  return role;
}
