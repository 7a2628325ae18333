import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Navigate, useNavigate, useSearchParams } from 'react-router';

import { act } from '../coordinator.js';
import { useSession, useSessionChange } from '../session/use-session.js';
import { Failure } from './parts/failure.js';
import { TextField } from './parts/field.js';

/** Only to a page of this one. */
const pageOf = (then: string | null): string => (then?.startsWith('/') === true ? then : '/');

export function SignInPage() {
  const { account } = useSession();
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const changed = useSessionChange();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => act('POST', '/v1/session', { name, password }),
    onSuccess: async () => {
      await changed();
      await navigate(pageOf(search.get('then')), { replace: true });
    },
  });
  if (account !== null && !signIn.isPending) return <Navigate to={pageOf(search.get('then'))} replace />;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <section className="card narrow">
      <h2 className="page-title">Sign in</h2>
      <form className="form" onSubmit={submit}>
        <Credentials {...{ name, setName, password, setPassword }} />
        <Failure error={signIn.error} />
        <button type="submit" className="button button-main" disabled={signIn.isPending}>
          Sign in
        </button>
      </form>
      <p className="muted">Rounds can be watched without an account. An owner of this deployment invites people.</p>
    </section>
  );
}

interface CredentialsProps {
  readonly name: string;
  readonly setName: (name: string) => void;
  readonly password: string;
  readonly setPassword: (password: string) => void;
}

function Credentials({ name, setName, password, setPassword }: CredentialsProps) {
  return (
    <>
      <TextField
        label="Name"
        name="username"
        autoComplete="username"
        required
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
    </>
  );
}
