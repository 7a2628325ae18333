import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import type { KeyView } from '#protocol';

import { Confirm } from '../../controls/confirm.js';
import { act, ask } from '../../coordinator.js';
import { count } from '../../figures.js';
import { Failure } from '../parts/failure.js';

/** Primary keys of a use case, and the two things that can be done about them. */
export function KeyActs({ useCase }: { useCase: string }) {
  const client = useQueryClient();
  const keys = useQuery({
    queryKey: ['keys', useCase],
    queryFn: () => ask<KeyView[]>(`/v1/keys?useCase=${encodeURIComponent(useCase)}`),
    refetchInterval: 5000,
  });
  const after = { onSettled: () => client.invalidateQueries({ queryKey: ['keys', useCase] }) };
  const rotate = useMutation({
    mutationFn: () => act<{ notBefore: number }>('POST', `/v1/use-cases/${useCase}/keys`),
    ...after,
  });
  const retire = useMutation({
    mutationFn: () => act<{ firstLiveEpoch: number }>('POST', `/v1/use-cases/${useCase}/retire-epoch`),
    ...after,
  });
  return (
    <section className="card">
      <h2 className="page-title">Keys</h2>
      <KeyTable keys={keys.data ?? []} />
      <Failure error={keys.error ?? rotate.error ?? retire.error} />
      <div role="status">
        {rotate.data && <p>Another key is being made, for epoch {rotate.data.notBefore} at the earliest.</p>}
        {retire.data && <p>Tokens of epochs before {retire.data.firstLiveEpoch} are refused from now on.</p>}
      </div>
      <div className="buttons">
        <Confirm label="Rotate the key" title="Make another primary key?" verb="Rotate it" act={() => rotate.mutate()}>
          <p>It is announced at least a whole epoch before it is used. Nobody has to do anything.</p>
        </Confirm>
        <Retire act={() => retire.mutate()} />
      </div>
    </section>
  );
}

function Retire({ act }: { act: () => void }) {
  return (
    <Confirm
      label="Retire the epochs"
      title="Refuse all tokens that are out?"
      verb="Retire them"
      danger="quiet"
      act={act}
    >
      <p>
        The current epoch and the next are retired: their tokens are lost, and rounds go on two epochs later. Do this
        when tokens were stolen. It cannot be taken back.
      </p>
    </Confirm>
  );
}

function KeyTable({ keys }: { keys: readonly KeyView[] }) {
  return (
    <table className="list">
      <caption className="visually-hidden">Primary keys</caption>
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">Epochs</th>
          <th scope="col">State</th>
          <th scope="col">Tokens made</th>
        </tr>
      </thead>
      <tbody>
        {keys.map(({ id, firstEpoch, lastEpoch, state, evaluations, advice }) => (
          <tr key={id}>
            <th scope="row">
              <code>{id}</code>
            </th>
            <td data-label="Epochs">
              {firstEpoch} to {lastEpoch ?? 'the end'}
            </td>
            <td data-label="State">
              {state}
              {advice !== null && <p className="warning">{advice}</p>}
            </td>
            <td data-label="Tokens made">{count(evaluations)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
