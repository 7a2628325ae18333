import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';

import { decodeManifest, type Manifest, type UseCaseDetail } from '#protocol';

import { ask } from '../../coordinator.js';
import { Failure } from '../parts/failure.js';
import { Waiting } from '../parts/guard.js';
import { useSession } from '../../session/use-session.js';
import { EnrolmentCodes } from './enrolment-codes.js';
import { KeyActs } from './key-acts.js';
import { ManifestSummary } from './manifest-summary.js';
import { RoundActs } from './round-acts.js';
import { ScheduledChanges } from './scheduled-changes.js';

/** A use case as its manifest says it, and what may be done with it. */
export function UseCasePage() {
  const { id = '' } = useParams();
  const path = `/v1/use-cases/${encodeURIComponent(id)}`;
  const { scopes } = useSession();
  const useCase = useQuery({
    queryKey: ['use-case', id],
    queryFn: () => ask<UseCaseDetail>(path),
    refetchInterval: 5000,
  });
  const isLive = useCase.data?.state === 'live';
  const manifest = useQuery({ queryKey: ['manifest', id], enabled: isLive, queryFn: () => fetchManifest(path) });
  if (!useCase.data) return useCase.error ? <Failure error={useCase.error} /> : <Waiting />;
  return (
    <>
      <section className="card">
        <h2 className="page-title">{useCase.data.title}</h2>
        <div className="buttons">
          <code>{id}</code>
          <span className="pill" data-state={isLive ? 'published' : 'scheduled'}>
            {useCase.data.state}
          </span>
          {useCase.data.paused && <span className="pill">paused</span>}
        </div>
        <Failure error={useCase.error} />
        {!isLive && <p>Its key is being made and its manifest signed.</p>}
        <Failure error={manifest.error} />
        {manifest.data && <ManifestSummary manifest={manifest.data} />}
      </section>
      {isLive && scopes.includes('rounds:write') && <RoundActs useCase={useCase.data} />}
      {isLive && scopes.includes('use-cases:write') && (
        <>
          <EnrolmentCodes useCase={useCase.data} />
          <KeyActs useCase={id} />
          <ScheduledChanges useCase={useCase.data} />
        </>
      )}
    </>
  );
}

async function fetchManifest(path: string): Promise<Manifest> {
  const { manifest } = await ask<{ manifest: string }>(`${path}/manifest`);
  const bytes = manifest.match(/../g) ?? [];
  return decodeManifest(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)));
}
