import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import type { UseCaseView } from '#protocol';

import { act } from '../../coordinator.js';
import { plural } from '../../figures.js';
import { Failure } from '../parts/failure.js';
import { TextField } from '../parts/field.js';

interface Wish {
  readonly count: string;
  readonly min: string;
  readonly target: string;
  readonly deadlineSeconds: string;
}

const LABELS: Readonly<Record<keyof Wish, string>> = {
  count: 'Rounds',
  min: 'Fewest devices',
  target: 'Target',
  deadlineSeconds: 'Deadline, s',
};

const usual = (kMin: number): Wish => ({
  count: '1',
  min: `${kMin}`,
  target: `${Math.ceil(kMin * 1.25)}`,
  deadlineSeconds: '600',
});

/** Starts rounds, or one that measures the newest model; holds them and lets them go on. */
export function RoundActs({ useCase }: { useCase: UseCaseView }) {
  const { id, kMin } = useCase;
  const [wish, setWish] = useState(() => usual(kMin));
  const terms = { min: Number(wish.min), target: Number(wish.target), deadlineSeconds: Number(wish.deadlineSeconds) };
  const start = useMutation({
    mutationFn: () =>
      act<{ rounds: string[]; warnings: string[] }>('POST', `/v1/use-cases/${id}/rounds`, {
        ...terms,
        count: Number(wish.count),
      }),
  });
  const measure = useMutation({
    mutationFn: () => act<{ version: number; warnings: string[] }>('POST', `/v1/use-cases/${id}/evaluations`, terms),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <section className="card">
      <h2 className="page-title">Rounds</h2>
      <form className="form" onSubmit={submit}>
        <Terms wish={wish} setWish={setWish} />
        <Failure error={start.error ?? measure.error} />
        <Said started={start.data} measured={measure.data} />
        <div className="buttons">
          <button type="submit" className="button button-main" disabled={start.isPending}>
            Start rounds
          </button>
          <button type="button" className="button" disabled={measure.isPending} onClick={() => measure.mutate()}>
            Let devices measure the newest model
          </button>
          <Pause useCase={useCase} />
        </div>
      </form>
    </section>
  );
}

function Terms({ wish, setWish }: { wish: Wish; setWish: (wish: Wish) => void }) {
  return (
    <div className="form form-row">
      {(Object.keys(LABELS) as (keyof Wish)[]).map((name) => (
        <TextField
          key={name}
          label={LABELS[name]}
          inputMode="numeric"
          required
          value={wish[name]}
          onChange={(event) => setWish({ ...wish, [name]: event.target.value })}
        />
      ))}
    </div>
  );
}

interface SaidProps {
  readonly started: { readonly rounds: readonly string[]; readonly warnings: readonly string[] } | undefined;
  readonly measured: { readonly version: number; readonly warnings: readonly string[] } | undefined;
}

function Said({ started, measured }: SaidProps) {
  return (
    <div role="status">
      {started && <p>{plural(started.rounds.length, 'round')} scheduled.</p>}
      {measured && <p>A round will measure model version {measured.version}.</p>}
      {[...(started?.warnings ?? []), ...(measured?.warnings ?? [])].map((warning) => (
        <p key={warning} className="warning">
          {warning}
        </p>
      ))}
    </div>
  );
}

function Pause({ useCase: { id, paused } }: { useCase: UseCaseView }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () => act('POST', `/v1/use-cases/${id}/${paused ? 'resume' : 'pause'}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['use-case', id] }),
  });
  return (
    <>
      <button type="button" className="button" disabled={change.isPending} onClick={() => change.mutate()}>
        {paused ? 'Resume' : 'Pause'}
      </button>
      <Failure error={change.error} />
    </>
  );
}
