import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { Confirm } from '../controls/confirm.js';
import { act, ask } from '../coordinator.js';
import { day } from '../figures.js';
import { useSession, type Role } from '../session/use-session.js';
import { Invitations } from './invitations.js';
import { Failure } from './parts/failure.js';
import { Guard } from './parts/guard.js';
import { ROLES } from './roles.js';

interface AccountView {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
  readonly disabledAt: string | null;
}

interface Change {
  readonly id: string;
  readonly role?: Role;
  readonly disabled?: boolean;
}

export function PeoplePage() {
  return (
    <Guard scope="accounts:write" title="People">
      <Accounts />
      <Invitations />
    </Guard>
  );
}

function Accounts() {
  const client = useQueryClient();
  const accounts = useQuery({
    queryKey: ['accounts'],
    queryFn: () => ask<AccountView[]>('/v1/accounts'),
    refetchInterval: 5000,
  });
  const change = useMutation({
    mutationFn: ({ id, ...wish }: Change) => act('POST', `/v1/accounts/${id}`, wish),
    onSettled: () => client.invalidateQueries(),
  });
  return (
    <section className="card">
      <h2 className="page-title">People</h2>
      <Failure error={change.error ?? accounts.error} />
      <table className="list">
        <caption className="visually-hidden">Accounts</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Last seen</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {accounts.data?.map((account) => (
            <AccountRow key={account.id} account={account} change={change.mutate} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const when = (time: string | null): string => (time === null ? 'never' : day(Date.parse(time)));

interface RowProps {
  readonly account: AccountView;
  readonly change: (change: Change) => void;
}

function AccountRow({ account, change }: RowProps) {
  const { id, name, role, lastSeenAt } = account;
  const session = useSession();
  return (
    <tr>
      <th scope="row">
        {name}
        {session.account?.id === id && <span className="muted"> (you)</span>}
      </th>
      <td data-label="Role">
        <select
          className="input input-small"
          aria-label={`Role of ${name}`}
          value={role}
          onChange={(event) => change({ id, role: event.target.value as Role })}
        >
          {ROLES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </td>
      <td data-label="Last seen">{when(lastSeenAt)}</td>
      <td data-label="State">
        <State {...{ account, change }} />
      </td>
    </tr>
  );
}

function State({ account: { id, name, disabledAt }, change }: RowProps) {
  return (
    <div className="buttons">
      <span className="pill" data-state={disabledAt === null ? 'published' : 'abandoned'}>
        {disabledAt === null ? 'enabled' : 'disabled'}
      </span>
      {disabledAt === null ? (
        <Confirm
          label={`Disable ${name}`}
          title={`Disable the account ${name}?`}
          verb="Disable it"
          act={() => change({ id, disabled: true })}
        >
          <p>It can no longer sign in, and its sessions end now. You can enable it again.</p>
        </Confirm>
      ) : (
        <button type="button" className="button" onClick={() => change({ id, disabled: false })}>
          Enable {name}
        </button>
      )}
    </div>
  );
}
