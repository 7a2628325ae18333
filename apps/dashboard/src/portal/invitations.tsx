import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { Confirm } from '../controls/confirm.js';
import { act, ask } from '../coordinator.js';
import { day } from '../figures.js';
import type { Role } from '../session/use-session.js';
import { Failure } from './parts/failure.js';
import { SelectField } from './parts/field.js';
import { QrCode } from './parts/qr-code.js';
import { Secret } from './parts/secret.js';
import { aRole, ROLES } from './roles.js';

interface InvitationView {
  readonly id: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly acceptedAt: string | null;
  readonly revokedAt: string | null;
}

interface NewInvitation {
  readonly id: string;
  readonly token: string;
  readonly role: Role;
  readonly expiresAt: string;
}

/** This page's own address with another place behind #. */
const linkOf = (token: string): string => {
  const { origin, pathname } = globalThis.location;
  return `${origin}${pathname}#/join?token=${encodeURIComponent(token)}`;
};

export function Invitations() {
  const client = useQueryClient();
  const [role, setRole] = useState<Role>('researcher');
  const invite = useMutation({
    mutationFn: () => act<NewInvitation>('POST', '/v1/invitations', { role }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['invitations'] }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    invite.mutate();
  };
  return (
    <section className="card">
      <h2 className="page-title">Invitations</h2>
      <form className="form form-row" onSubmit={submit}>
        <SelectField label="Invite a" value={role} onChange={(event) => setRole(event.target.value as Role)}>
          {ROLES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </SelectField>
        <button type="submit" className="button button-main" disabled={invite.isPending}>
          Make an invitation
        </button>
      </form>
      <Failure error={invite.error} />
      {invite.data && (
        <Secret title={`Link for a new ${invite.data.role}`} value={linkOf(invite.data.token)}>
          <p>
            Shown this once. Whoever opens it first becomes {aRole(invite.data.role)}; it ends on{' '}
            {day(Date.parse(invite.data.expiresAt))}.
          </p>
          <QrCode text={linkOf(invite.data.token)} label="The link as a QR code" />
        </Secret>
      )}
      <InvitationList />
    </section>
  );
}

function InvitationList() {
  const client = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ['invitations'],
    queryFn: () => ask<InvitationView[]>('/v1/invitations'),
    refetchInterval: 5000,
  });
  const revoke = useMutation({
    mutationFn: (id: string) => act('POST', '/v1/invitations/revoke', { id }),
    onSettled: () => client.invalidateQueries({ queryKey: ['invitations'] }),
  });
  return (
    <>
      <Failure error={revoke.error ?? error} />
      {data && data.length > 0 && (
        <table className="list">
          <caption className="visually-hidden">Invitations so far</caption>
          <thead>
            <tr>
              <th scope="col">Made</th>
              <th scope="col">Role</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {data.map((invitation) => (
              <InvitationRow key={invitation.id} invitation={invitation} revoke={revoke.mutate} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function stateOf({ acceptedAt, revokedAt, expiresAt }: InvitationView): string {
  if (acceptedAt !== null) return 'accepted';
  if (revokedAt !== null) return 'revoked';
  return Date.parse(expiresAt) < Date.now() ? 'expired' : 'open';
}

function InvitationRow({ invitation, revoke }: { invitation: InvitationView; revoke: (id: string) => void }) {
  const state = stateOf(invitation);
  return (
    <tr>
      <th scope="row">{day(Date.parse(invitation.createdAt))}</th>
      <td data-label="Role">{invitation.role}</td>
      <td data-label="State">
        <div className="buttons">
          <span className="pill" data-state={state}>
            {state}
          </span>
          {state === 'open' && (
            <Confirm
              label="Revoke"
              title="Revoke this invitation?"
              verb="Revoke it"
              danger="quiet"
              act={() => revoke(invitation.id)}
            >
              <p>Its link leads nowhere from then on.</p>
            </Confirm>
          )}
        </div>
      </td>
    </tr>
  );
}
