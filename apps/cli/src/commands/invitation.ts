import type { Command } from 'commander';

import type { InvitationView } from '#protocol';

import { renderTable } from '../output/table.js';
import { answer } from './answer.js';
import { withConnection, withExample, type TalkOptions } from './options.js';

export function addInvitation(program: Command): void {
  const invitation = program
    .command('invitation')
    .description('Invitations to make an account: list, revoke; "account invite" makes one');
  const list = invitation.command('list').description('Those of the last weeks; never their addresses');
  withExample(withConnection(list), 'invitation list').action(listInvitations);
  const revoke = invitation
    .command('revoke')
    .argument('<id>', 'as "invitation list" shows it')
    .description('Nobody makes an account with it any more');
  withExample(withConnection(revoke), 'invitation revoke 0f3c9a51d2e47b680f3c9a51d2e47b68').action(revokeInvitation);
}

const listInvitations = (options: TalkOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.listInvitations(),
    (invitations) =>
      renderTable(
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'ROLE', value: ({ role }) => role },
          { title: 'STATE', value: (invitation) => stateOf(invitation, Date.now()) },
          { title: 'MADE', value: ({ createdAt }) => createdAt },
          { title: 'GOOD UNTIL', value: ({ expiresAt }) => expiresAt },
        ],
        invitations,
      ),
  );

function stateOf({ acceptedAt, revokedAt, expiresAt }: InvitationView, now: number): string {
  if (acceptedAt !== null) return 'accepted';
  if (revokedAt !== null) return 'revoked';
  return Date.parse(expiresAt) <= now ? 'over' : 'open';
}

const revokeInvitation = (id: string, options: TalkOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.revokeInvitation(id),
    () => `Nobody makes an account with the invitation ${id} any more.`,
  );
