import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useNavigate, useSearchParams } from 'react-router';

import { act } from '../coordinator.js';
import { useSessionChange } from '../session/use-session.js';
import { Failure } from './parts/failure.js';
import { NewPassword } from './parts/new-password.js';
import { TextField } from './parts/field.js';

/** Where an invitation leads: a name and a password make it an account. */
export function JoinPage() {
  const [search] = useSearchParams();
  const token = search.get('token');
  if (token === null || token === '') {
    return (
      <section className="card notice">
        <h2 className="notice-title">This link has no invitation</h2>
        <p>Open the whole link that you were given, or ask an owner for another one.</p>
      </section>
    );
  }
  return <JoinForm token={token} />;
}

function JoinForm({ token }: { token: string }) {
  const navigate = useNavigate();
  const changed = useSessionChange();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const join = useMutation({
    mutationFn: () => act('POST', '/v1/invitations/accept', { token, name, password }),
    onSuccess: async () => {
      // Before the session: a page of somebody who is signed in leaves this one.
      await navigate('/', { replace: true });
      await changed();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    join.mutate();
  };
  return (
    <section className="card narrow">
      <h2 className="page-title">Join this Starling</h2>
      <p className="muted">You were invited. Choose the name that others see beside what you do, and a password.</p>
      <form className="form" onSubmit={submit}>
        <NewName value={name} onValue={setName} />
        <NewPassword value={password} onValue={setPassword} />
        <Failure error={join.error} />
        <button type="submit" className="button button-main" disabled={join.isPending}>
          Join
        </button>
      </form>
    </section>
  );
}

function NewName({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  return (
    <TextField
      label="Name"
      name="username"
      autoComplete="username"
      required
      minLength={2}
      maxLength={40}
      pattern="[a-z0-9._\-]+"
      hint="2 to 40 small letters, digits, dots, dashes"
      value={value}
      onChange={(event) => onValue(event.target.value)}
    />
  );
}
