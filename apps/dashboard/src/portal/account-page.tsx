import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';

import { act } from '../coordinator.js';
import { useSession, useSessionChange } from '../session/use-session.js';
import { Failure } from './parts/failure.js';
import { TextField } from './parts/field.js';
import { Waiting } from './parts/guard.js';
import { NewPassword } from './parts/new-password.js';
import { aRole, ROLE_MEANINGS } from './roles.js';

export function AccountPage() {
  const { account, isKnown, error } = useSession();
  if (!isKnown) return <Waiting error={error} />;
  if (account === null) {
    return (
      <section className="card notice">
        <h2 className="notice-title">Nobody is signed in</h2>
        <Link className="button" to="/sign-in">
          Sign in
        </Link>
      </section>
    );
  }
  return (
    <>
      <section className="card narrow">
        <h2 className="page-title">{account.name}</h2>
        <p>
          You are signed in as {account.name}, {aRole(account.role)}: {ROLE_MEANINGS[account.role]}.
        </p>
        <SignOut />
      </section>
      <ChangePassword name={account.name} />
    </>
  );
}

function SignOut() {
  const navigate = useNavigate();
  const changed = useSessionChange();
  const signOut = useMutation({
    mutationFn: () => act('DELETE', '/v1/session'),
    onSuccess: async () => {
      await navigate('/', { replace: true });
      await changed();
    },
  });
  return (
    <>
      <Failure error={signOut.error} />
      <button type="button" className="button" disabled={signOut.isPending} onClick={() => signOut.mutate()}>
        Sign out
      </button>
    </>
  );
}

function ChangePassword({ name }: { name: string }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () => act('POST', '/v1/session/password', { current, next }),
    onSuccess: () => (setCurrent(''), setNext('')),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <section className="card narrow">
      <h2 className="page-title">Change the password</h2>
      <form className="form" onSubmit={submit}>
        <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <NewPassword value={next} onValue={setNext} />
        <Failure error={change.error} />
        {change.isSuccess && <p role="status">The password is changed. Your other sessions have ended.</p>}
        <button type="submit" className="button button-main" disabled={change.isPending}>
          Change the password
        </button>
      </form>
    </section>
  );
}
