import type { PrivacyView, UseCaseDraft, UseCaseView } from '#protocol';

import type { Pool } from '../database/index.js';

/** A signed manifest as it is stored. Epoch columns repeat what the bytes say, for the database's clock. */
export interface StoredManifest {
  readonly useCase: string;
  readonly version: number;
  readonly digest: Uint8Array;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** A use case whose primary key exists and whose manifest does not: the coordinator's turn. */
export interface KeyedDraft {
  readonly useCase: string;
  readonly suite: string;
  readonly publicKey: Uint8Array;
  readonly draft: UseCaseDraft;
  /** unix ms by the database's clock */
  readonly now: number;
}

type UseCaseRow = Pick<UseCaseView, 'id' | 'title' | 'state' | 'paused' | 'latest' | 'createdAt'> & {
  readonly draft: UseCaseDraft;
};

/** Of use case `u`. Three short walks along an index, however many rounds there are. */
const LATEST_ROUND = `
  select jsonb_build_object('id', r.id, 'sequence', r.sequence, 'state', r.state, 'min', r.min, 'target', r.target,
           'accepted', coalesce(r.accepted, case when r.record is null then 0 else rounds.count_accepted(r.id) end))
    from rounds.round r
   where r.use_case = u.id and r.sequence = coalesce(
           (select min(o.sequence) from rounds.round o where o.use_case = u.id and o.state in ('open', 'frozen')),
           (select min(o.sequence) from rounds.round o where o.use_case = u.id and o.state = 'scheduled'),
           (select max(o.sequence) from rounds.round o where o.use_case = u.id and o.reason is distinct from 'plan_done'))`;
/** Of a row `u`: its draft with what has changed up to now. */
const IN_FORCE = 'keys.draft_at(u.id, keys.current_epoch(u.id))';

/** The coordinator's side of schema `keys`: drafts in, signed manifests in, live. */
export class UseCaseDrafts {
  constructor(private readonly pool: Pool) {}

  /** @returns false when the id is taken */
  async add(draft: UseCaseDraft): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      'insert into keys.use_case (id, title, draft) values ($1, $2, $3) on conflict do nothing',
      [draft.id, draft.title, JSON.stringify(draft)],
    );
    return rowCount === 1;
  }

  async keyed(): Promise<KeyedDraft[]> {
    const { rows } = await this.pool.query<KeyedDraft>({
      name: 'keyed-drafts',
      text: `select u.id as "useCase", k.suite, k.public_key as "publicKey", u.draft,
                    (extract(epoch from now()) * 1000)::float8 as now
               from keys.use_case u join keys.primary_key k on k.use_case = u.id
              where u.state = 'draft' and k.first_epoch = 0`,
    });
    return rows;
  }

  /** Stores the signed manifest and sets the use case live: one statement, harmless when repeated. */
  async goLive(manifest: StoredManifest, epoch: { origin: number; seconds: number; slots: number }): Promise<void> {
    const { useCase, version, digest, bytes, signature } = manifest;
    await this.pool.query(
      `with signed as (
         insert into keys.manifest (use_case, version, digest, bytes, signature, epoch_origin, epoch_seconds, slots)
         values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), $7, $8) on conflict do nothing
       )
       update keys.use_case set state = 'live' where id = $1 and state = 'draft'`,
      [useCase, version, digest, bytes, signature, epoch.origin, epoch.seconds, epoch.slots],
    );
  }

  /** As they are in this epoch. */
  async list(): Promise<UseCaseView[]> {
    const { rows } = await this.pool.query<UseCaseRow>(
      `select id, d.draft ->> 'title' as title, state, d.draft, exists (select from rounds.pause p where p.use_case = u.id) as paused,
              (${LATEST_ROUND}) as latest,
              to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "createdAt"
         from keys.use_case u cross join lateral (select ${IN_FORCE}) as d (draft) order by created_at desc, id`,
    );
    return rows.map(toView);
  }

  /** As it is in this epoch. */
  async find(id: string): Promise<{ state: 'draft' | 'live'; draft: UseCaseDraft } | undefined> {
    const { rows } = await this.pool.query<{ state: 'draft' | 'live'; draft: UseCaseDraft }>(
      `select state, ${IN_FORCE} as draft from keys.use_case u where id = $1`,
      [id],
    );
    return rows[0];
  }
}

const countParameters = ({ layout }: UseCaseDraft): number =>
  layout.reduce((sum, { shape }) => sum + shape.reduce((product, dimension) => product * dimension, 1), 0);

function toView({ draft, ...row }: UseCaseRow): UseCaseView {
  // A draft that was made before a field had a default lacks it.
  const { kMin, encoding = 'int32', strategy, clip, topology } = draft;
  return {
    ...row,
    kMin,
    encoding,
    strategy: strategy?.name ?? 'FedAvg',
    clip,
    privacy: privacyOf(draft),
    hasTopology: topology !== undefined,
    parameters: countParameters(draft),
  };
}

function privacyOf({ privacy }: UseCaseDraft): PrivacyView | null {
  if (privacy === undefined) return null;
  const { epsilonMax, delta, noiseMultiplier, mechanism = 'independent', separation = null, clipping } = privacy;
  const clips = clipping === undefined ? 'fixed' : 'adaptive';
  return { epsilonMax, delta, noiseMultiplier, mechanism, separation, clipping: clips };
}
