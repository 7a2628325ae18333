import { crashPoint } from '#crash-point';
import { decodeManifest, derivedKeyList, type LoggedReason, type LogLeaf } from '#protocol';

import { inTransaction, type Client, type Pool } from '../database/index.js';
import { appendLeaves, sha256 } from './append-leaves.js';

interface UnloggedManifest {
  readonly useCase: string;
  readonly version: number;
  readonly digest: Uint8Array;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

interface UnloggedDerivedKeys {
  readonly useCase: string;
  readonly epoch: number;
  readonly publicKeys: readonly Uint8Array[];
}

/** Epochs retired by hand, or by a restore. */
interface UnloggedRetirement {
  readonly useCase: string;
  readonly retiredBefore: number;
}

/** A round whose record is in the log and that is over, or will not open with that record. */
interface EndedRound {
  readonly id: string;
  readonly recordDigest: Uint8Array;
  readonly state: 'published' | 'abandoned' | 'scheduled';
  readonly reason: LoggedReason | null;
  readonly acceptedRoot: Uint8Array;
  readonly accepted: number;
  readonly aggregateDigest: Uint8Array;
  readonly modelOut: Uint8Array;
  readonly epsilonMicros: number | null;
  /** null where it trained */
  readonly lossSum: number | null;
  readonly accuracySum: number | null;
}

const UNLOGGED_MANIFESTS = `
  select use_case as "useCase", version, digest, bytes, signature
    from keys.manifest where leaf is null order by use_case, version`;

const UNLOGGED_DERIVED_KEYS = `
  select use_case as "useCase", epoch, public_keys as "publicKeys"
    from keys.derived_keys where leaf is null order by use_case, epoch`;

const UNLOGGED_RETIREMENTS = `
  select use_case as "useCase", retired_before as "retiredBefore"
    from keys.clock where retired_before > logged_before order by use_case`;

/** A scheduled round without a slot has lost the one that its logged record names. */
const ENDED_ROUNDS = `
  select id, record_digest as "recordDigest", state, reason, accepted_root as "acceptedRoot", accepted,
         aggregate_digest as "aggregateDigest", model_out as "modelOut",
         loss_sum::float8 as "lossSum", accuracy_sum::float8 as "accuracySum",
         (select ceil(epsilon * 1e6)::float8 from rounds.release where round_id = id) as "epsilonMicros"
    from rounds.round
   where leaf is not null and end_leaf is null
     and (state in ('published', 'abandoned') or (state = 'scheduled' and slot is null))
   order by leaf`;

/**
 * What has become true and is not in the log yet. Each fact is logged together with its row's mark, in
 * one transaction, and found again after a crash; nothing that builds on it goes ahead before.
 */
export class UnloggedFacts {
  constructor(private readonly pool: Pool) {}

  async log(): Promise<void> {
    const manifests = await this.pool.query<UnloggedManifest>({ name: 'unlogged-manifests', text: UNLOGGED_MANIFESTS });
    for (const manifest of manifests.rows) await inTransaction(this.pool, (client) => logManifest(client, manifest));
    const derived = await this.pool.query<UnloggedDerivedKeys>({
      name: 'unlogged-derived-keys',
      text: UNLOGGED_DERIVED_KEYS,
    });
    for (const keys of derived.rows) await inTransaction(this.pool, (client) => logDerivedKeys(client, keys));
    const retired = await this.pool.query<UnloggedRetirement>({
      name: 'unlogged-retirements',
      text: UNLOGGED_RETIREMENTS,
    });
    for (const epochs of retired.rows) await inTransaction(this.pool, (client) => logRetirement(client, epochs));
    const rounds = await this.pool.query<EndedRound>({ name: 'ended-rounds', text: ENDED_ROUNDS });
    for (const round of rounds.rows) await inTransaction(this.pool, (client) => logEnd(client, round));
  }
}

async function logDerivedKeys(client: Client, { useCase, epoch, publicKeys }: UnloggedDerivedKeys): Promise<void> {
  const digest = sha256(derivedKeyList(publicKeys));
  const [position] = await appendLeaves(client, [{ kind: 'derived_keys', useCase, epoch, digest }]);
  await client.query('update keys.derived_keys set leaf = $3 where use_case = $1 and epoch = $2', [
    useCase,
    epoch,
    position,
  ]);
}

async function logRetirement(client: Client, { useCase, retiredBefore }: UnloggedRetirement): Promise<void> {
  await appendLeaves(client, [{ kind: 'epoch_retirement', useCase, through: retiredBefore - 1 }]);
  await client.query('update keys.clock set logged_before = greatest(logged_before, $2) where use_case = $1', [
    useCase,
    retiredBefore,
  ]);
}

/** The keys first: nobody can believe the manifest without them. The one that a new key follows is retired by it. */
async function logManifest(client: Client, manifest: UnloggedManifest): Promise<void> {
  const { useCase, version, digest, bytes, signature } = manifest;
  const { suite, keys } = decodeManifest(bytes);
  const leaves: LogLeaf[] = keys.map(({ publicKey, firstEpoch }) => ({
    kind: 'key',
    useCase,
    suite,
    keyDigest: sha256(publicKey),
    firstEpoch,
  }));
  const retired: LogLeaf[] = keys.slice(1).map(({ firstEpoch }, i) => ({
    kind: 'key_retirement',
    useCase,
    keyDigest: sha256(keys[i]!.publicKey),
    lastEpoch: firstEpoch - 1,
  }));
  const positions = await appendLeaves(client, [
    ...leaves,
    ...retired,
    { kind: 'manifest', useCase, version, digest, signature },
  ]);
  await client.query('update keys.manifest set leaf = $3 where use_case = $1 and version = $2', [
    useCase,
    version,
    positions.at(-1),
  ]);
}

async function logEnd(client: Client, round: EndedRound): Promise<void> {
  const [position] = await appendLeaves(client, [endOf(round)]);
  if (round.state !== 'scheduled') {
    await client.query('update rounds.round set end_leaf = $2 where id = $1', [round.id, position]);
    crashPoint('coordinator-logging-end');
    return;
  }
  await client.query(
    `update rounds.round set leaf = null, record = null, record_digest = null, manifest_digest = null, model_in = null,
            base_version = null
      where id = $1 and state = 'scheduled' and slot is null`,
    [round.id],
  );
}

function endOf({ state, reason, recordDigest, ...round }: EndedRound): LogLeaf {
  if (state !== 'published') return { kind: 'abandonment', recordDigest, reason: reason ?? 'missed' };
  const { acceptedRoot, accepted, aggregateDigest, modelOut, epsilonMicros, lossSum, accuracySum } = round;
  if (lossSum !== null && accuracySum !== null)
    return { kind: 'evaluation', recordDigest, acceptedRoot, accepted, lossSum, accuracySum, epsilonMicros };
  return { kind: 'result', recordDigest, acceptedRoot, accepted, aggregateDigest, modelOut, epsilonMicros };
}
