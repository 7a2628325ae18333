import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { SCOPES, type ApiKeyView, type Scope } from '#protocol';

import { Confirm } from '../controls/confirm.js';
import { act, ask } from '../coordinator.js';
import { day } from '../figures.js';
import { Failure } from './parts/failure.js';
import { TextField } from './parts/field.js';
import { Guard } from './parts/guard.js';
import { Secret } from './parts/secret.js';

export function ApiKeysPage() {
  return (
    <Guard scope="keys:write" title="API keys">
      <NewKey />
      <Keys />
    </Guard>
  );
}

function NewKey() {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>([]);
  const create = useMutation({
    mutationFn: () => act<{ key: string }>('POST', '/v1/api-keys', { name, scopes }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['api-keys'] }),
  });
  const toggle = (scope: Scope): void =>
    setScopes((before) => (before.includes(scope) ? before.filter((each) => each !== scope) : [...before, scope]));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <section className="card">
      <h2 className="page-title">A key for a program</h2>
      <form className="form" onSubmit={submit}>
        <TextField
          label="Name"
          required
          maxLength={80}
          hint="what it is for: the audit log calls it so"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Scopes scopes={scopes} toggle={toggle} />
        <Failure error={create.error} />
        <button type="submit" className="button button-main" disabled={create.isPending || scopes.length === 0}>
          Make the key
        </button>
      </form>
      {create.data && (
        <Secret title="The new key" value={create.data.key}>
          <p>Shown this once. It goes into the header “Authorization: Bearer …” of each request.</p>
        </Secret>
      )}
    </section>
  );
}

function Scopes({ scopes, toggle }: { scopes: readonly Scope[]; toggle: (scope: Scope) => void }) {
  return (
    <fieldset className="choices">
      <legend>It may</legend>
      {SCOPES.map((scope) => (
        <label key={scope} className="checkbox">
          <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
          {scope}
        </label>
      ))}
    </fieldset>
  );
}

function Keys() {
  const client = useQueryClient();
  const { data, error } = useQuery({ queryKey: ['api-keys'], queryFn: () => ask<ApiKeyView[]>('/v1/api-keys') });
  const revoke = useMutation({
    mutationFn: (id: string) => act('POST', '/v1/api-keys/revoke', { id }),
    onSettled: () => client.invalidateQueries({ queryKey: ['api-keys'] }),
  });
  return (
    <section className="card">
      <h2 className="page-title">API keys</h2>
      <Failure error={revoke.error ?? error} />
      <table className="list">
        <caption className="visually-hidden">API keys</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">May</th>
            <th scope="col">Made</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {data?.map((key) => (
            <KeyRow key={key.id} apiKey={key} revoke={revoke.mutate} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function KeyRow({ apiKey, revoke }: { apiKey: ApiKeyView; revoke: (id: string) => void }) {
  const { id, name, scopes, revoked, createdAt } = apiKey;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td data-label="May">{scopes.join(', ')}</td>
      <td data-label="Made">{day(Date.parse(createdAt))}</td>
      <td data-label="State">
        <div className="buttons">
          <span className="pill" data-state={revoked ? 'abandoned' : 'published'}>
            {revoked ? 'revoked' : 'good'}
          </span>
          {!revoked && (
            <Confirm
              label={`Revoke ${name}`}
              title={`Revoke the key ${name}?`}
              verb="Revoke it"
              danger="quiet"
              act={() => revoke(id)}
            >
              <p>Programs that use it are refused from now on. This cannot be taken back.</p>
            </Confirm>
          )}
        </div>
      </td>
    </tr>
  );
}
