import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { AuditPage as Page } from '#protocol';

import { ask } from '../coordinator.js';
import { day } from '../figures.js';
import { sentenceOf } from './audit-sentence.js';
import { Failure } from './parts/failure.js';
import { SelectField } from './parts/field.js';
import { Guard } from './parts/guard.js';

const PAGE = 50;

export function AuditPage() {
  return (
    <Guard scope="audit:read" title="Audit">
      <Audit />
    </Guard>
  );
}

const different = (values: readonly string[]): string[] => [...new Set(values)].sort();

function Audit() {
  const [actor, setActor] = useState('');
  const [deed, setDeed] = useState('');
  const { data, error, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery({
    queryKey: ['audit'],
    initialPageParam: null as number | null,
    queryFn: ({ pageParam, signal }) =>
      ask<Page>(`/v1/audit?limit=${PAGE}${pageParam === null ? '' : `&before=${pageParam}`}`, signal),
    getNextPageParam: ({ next }) => next,
    refetchInterval: 10_000,
  });
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  const shown = entries.filter(
    (entry) => (actor === '' || entry.actor.name === actor) && (deed === '' || entry.act === deed),
  );
  return (
    <section className="card">
      <h2 className="page-title">Who did what</h2>
      <div className="form form-row">
        <Choice label="By" all="everybody" value={actor} set={setActor} of={entries.map((entry) => entry.actor.name)} />
        <Choice label="What" all="everything" value={deed} set={setDeed} of={entries.map((entry) => entry.act)} />
      </div>
      <Failure error={error} />
      <ol className="audit">
        {shown.map((entry) => (
          <li key={entry.id}>
            <time dateTime={entry.at}>{day(Date.parse(entry.at))}</time>
            <p>{sentenceOf(entry)}</p>
          </li>
        ))}
      </ol>
      {data && shown.length === 0 && <p className="muted">Nothing among the {entries.length} entries read so far.</p>}
      {hasNextPage && (
        <button type="button" className="button show-more" disabled={isFetching} onClick={() => void fetchNextPage()}>
          Older entries
        </button>
      )}
    </section>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly all: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly of: readonly string[];
}

function Choice({ label, all, value, set, of }: ChoiceProps) {
  return (
    <SelectField label={label} value={value} onChange={(event) => set(event.target.value)}>
      <option value="">{all}</option>
      {different(of).map((each) => (
        <option key={each}>{each}</option>
      ))}
    </SelectField>
  );
}
