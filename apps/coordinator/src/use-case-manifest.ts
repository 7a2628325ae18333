import { encodingFields, strategyText, type Manifest } from '#protocol';
import type { KeyedDraft } from '#storage/keys';

/** What is the same in all manifests of a deployment. */
export interface Deployment {
  readonly audience: string;
  /** Ed25519 public key of the transparency log, 32 bytes */
  readonly logKey: Uint8Array;
}

/** The first manifest of a use case. */
export function manifestOf(
  { useCase, suite, publicKey, draft, now }: KeyedDraft,
  { audience, logKey }: Deployment,
): Manifest {
  const { epochSeconds, slots, batch, kMin, jitterMs, scale, weightLevels, chunkBytes, uploadDeadlineMs, layout } =
    draft;
  return {
    audience,
    useCase,
    version: 1,
    suite,
    keys: [{ publicKey, firstEpoch: 0 }],
    logKey,
    epochOrigin: Math.floor(now),
    epochSeconds,
    slots,
    batch: Math.min(batch, slots),
    quota: Math.min(draft.quota ?? slots, slots),
    reuse: draft.reuse,
    kMin,
    jitterMs,
    ...encodingFields(draft.encoding ?? 'int32'),
    scale,
    clipMicros: Math.round(draft.clip * 1e6),
    strategy: strategyText(draft.strategy, draft.privacy),
    weightLevels,
    chunkBytes: chunkBytes - (chunkBytes % 4),
    uploadDeadlineMs,
    initialModel: Buffer.from(draft.initialModel, 'hex'),
    topologyDigest: draft.topology === undefined ? new Uint8Array(32) : Buffer.from(draft.topology, 'hex'),
    layout,
  };
}
