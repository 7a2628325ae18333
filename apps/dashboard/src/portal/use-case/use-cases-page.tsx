import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import type { UseCaseView } from '#protocol';

import { ask } from '../../coordinator.js';
import { count, day } from '../../figures.js';
import { useSession } from '../../session/use-session.js';
import { Failure } from '../parts/failure.js';
import { Waiting } from '../parts/guard.js';

/** All of them, for everybody: each leads to what may be done with it. */
export function UseCasesPage() {
  const { scopes } = useSession();
  const { data, error } = useQuery({ queryKey: ['use-cases'], queryFn: () => ask<UseCaseView[]>('/v1/use-cases') });
  if (!data && !error) return <Waiting />;
  return (
    <section className="card">
      <h2 className="page-title">Use cases</h2>
      <Failure error={error} />
      {data?.length === 0 ? <p className="muted">There is none yet.</p> : <UseCaseTable useCases={data ?? []} />}
      {scopes.includes('use-cases:write') && (
        <Link className="button" to="/use-cases/new">
          New use case
        </Link>
      )}
    </section>
  );
}

const stateOf = ({ state, paused }: UseCaseView): string => (paused ? `${state}, paused` : state);

function UseCaseTable({ useCases }: { useCases: readonly UseCaseView[] }) {
  return (
    <table className="list">
      <caption className="visually-hidden">Use cases</caption>
      <thead>
        <tr>
          <th scope="col">Title</th>
          <th scope="col">Parameters</th>
          <th scope="col">Fewest devices</th>
          <th scope="col">Created</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {useCases.map((useCase) => (
          <tr key={useCase.id}>
            <th scope="row">
              <Link to={`/use-cases/${useCase.id}`}>{useCase.title}</Link>
            </th>
            <td data-label="Parameters">{count(useCase.parameters)}</td>
            <td data-label="Fewest devices">{count(useCase.kMin)}</td>
            <td data-label="Created">{day(Date.parse(useCase.createdAt))}</td>
            <td data-label="State">{stateOf(useCase)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
