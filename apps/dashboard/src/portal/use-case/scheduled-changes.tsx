import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import type { UseCaseChange, UseCaseDetail } from '#protocol';

import { act } from '../../coordinator.js';
import { Failure } from '../parts/failure.js';
import { TextField } from '../parts/field.js';

const FIELDS = [
  ['title', 'Title', 'for people'],
  ['kMin', 'Fewest devices', 'a larger number: no round has fewer to hide among'],
  ['epsilonMax', 'Budget ε', 'a smaller one, of a private use case'],
  ['tokensPerSecond', 'Tokens a second', 'that an issuer process gives it at most'],
  ['keyEpochs', 'Epochs of a key', 'before another follows by itself'],
] as const;
type Field = (typeof FIELDS)[number][0];
type Wish = Partial<Record<Field, string>>;

const given = (wish: Wish): object =>
  Object.fromEntries(
    Object.entries(wish).flatMap(([name, text]) =>
      text.trim() === '' ? [] : [[name, name === 'title' ? text : Number(text)]],
    ),
  );

/** What devices do not pin may change, from the start of the next epoch on. */
export function ScheduledChanges({ useCase: { id, changes } }: { useCase: UseCaseDetail }) {
  const client = useQueryClient();
  const [wish, setWish] = useState<Wish>({});
  const change = useMutation({
    mutationFn: () => act<UseCaseChange>('PATCH', `/v1/use-cases/${id}`, given(wish)),
    onSuccess: async () => {
      setWish({});
      await client.invalidateQueries({ queryKey: ['use-case', id] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <section className="card">
      <h2 className="page-title">Changes</h2>
      <p>What devices pin cannot change. The rest is in force from the next epoch on; leave empty what is to stay.</p>
      <form className="form" onSubmit={submit}>
        <div className="form form-row">
          {FIELDS.map(([name, label, hint]) => (
            <TextField
              key={name}
              label={label}
              hint={hint}
              inputMode={name === 'title' ? 'text' : 'decimal'}
              value={wish[name] ?? ''}
              onChange={(event) => setWish({ ...wish, [name]: event.target.value })}
            />
          ))}
        </div>
        <Failure error={change.error} />
        <button type="submit" className="button" disabled={change.isPending || Object.keys(given(wish)).length === 0}>
          Change it
        </button>
      </form>
      <ChangeList changes={changes} />
    </section>
  );
}

function ChangeList({ changes }: Pick<UseCaseDetail, 'changes'>) {
  return (
    <ul className="changes">
      {changes.map((each, i) => (
        <li key={i}>{sentenceOf(each)}</li>
      ))}
    </ul>
  );
}

const LABELS: Readonly<Record<string, string>> = Object.fromEntries(FIELDS.map(([name, label]) => [name, label]));

function sentenceOf({ fromEpoch, fields }: UseCaseChange): string {
  const what = Object.entries(fields).map(([name, value]) => `${LABELS[name] ?? name}: ${value ?? 'none'}`);
  return `${what.join(', ')} from epoch ${fromEpoch} on.`;
}
