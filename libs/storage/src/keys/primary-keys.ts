import type { Pool } from '../database/index.js';

/** A use case that waits for a primary key: the issuer's turn. */
export interface KeyWanted {
  readonly useCase: string;
  readonly suite: string;
  /** its first key is for epoch 0; the first epoch of another is fixed when it is announced */
  readonly firstEpoch: 0 | null;
}

export interface WrappedKey {
  readonly id: string;
  readonly useCase: string;
  readonly suite: string;
  readonly wrapped: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly firstEpoch: number | null;
}

/** One key's evaluations, all processes together. */
export interface KeyUse {
  /** of its row */
  readonly id: string;
  /** what people call it */
  readonly name: string;
  readonly useCase: string;
  readonly evaluations: number;
}

/** A key's name among people: the first 8 bytes of its public key's SHA-256, in hex; of its row's id where the suite has no public key. */
export const KEY_NAME =
  "encode(substr(sha256(case when public_key = '' then uuid_send(id) else public_key end), 1, 8), 'hex')";

/** Keys that a scrape of metrics lists at most: those most used. */
const MOST_LISTED = 50;

const SELECT_KEY = `
  select id, use_case as "useCase", suite, wrapped, public_key as "publicKey", first_epoch as "firstEpoch"
    from keys.primary_key`;

/** Wrapped primary keys: the issuer adds them, issuer and intake read them. */
export class PrimaryKeys {
  constructor(private readonly pool: Pool) {}

  async wanted(): Promise<KeyWanted[]> {
    const { rows } = await this.pool.query<KeyWanted>(
      `select u.id as "useCase", u.draft ->> 'suite' as suite, case u.state when 'draft' then 0 end as "firstEpoch"
         from keys.use_case u left join keys.rotation r on r.use_case = u.id
        where u.state = 'draft' and not exists (select from keys.primary_key k where k.use_case = u.id)
           or u.state = 'live' and r.use_case is not null
              and not exists (select from keys.primary_key k where k.use_case = u.id and k.first_epoch is null)`,
    );
    return rows;
  }

  /** Of several issuers that try at once, one key stays. */
  async add({ useCase, suite, wrapped, publicKey, firstEpoch }: Omit<WrappedKey, 'id'>): Promise<void> {
    await this.pool.query(
      `insert into keys.primary_key (use_case, suite, wrapped, public_key, first_epoch) values ($1, $2, $3, $4, $5)
       on conflict do nothing`,
      [useCase, suite, wrapped, publicKey, firstEpoch],
    );
  }

  /** An announced key, by the first epoch that the manifest says it is for. */
  async find(useCase: string, firstEpoch: number): Promise<WrappedKey | undefined> {
    const { rows } = await this.pool.query<WrappedKey>(`${SELECT_KEY} where use_case = $1 and first_epoch = $2`, [
      useCase,
      firstEpoch,
    ]);
    return rows[0];
  }

  /** Any key, where there is one. */
  async some(): Promise<WrappedKey | undefined> {
    const { rows } = await this.pool.query<WrappedKey>(`${SELECT_KEY} limit 1`);
    return rows[0];
  }

  /** Adds evaluations to their keys. @returns those keys, with all they have by now */
  async addEvaluations(counts: ReadonlyMap<string, number>): Promise<KeyUse[]> {
    const { rows } = await this.pool.query<KeyUse>(
      `update keys.primary_key k set evaluations = evaluations + c.n
         from (select * from unnest($1::uuid[], $2::bigint[]) as u (key_id, n) order by key_id) c where c.key_id = k.id
       returning k.id, ${KEY_NAME} as name, use_case as "useCase", evaluations::float8 as evaluations`,
      [[...counts.keys()], [...counts.values()]],
    );
    return rows;
  }

  /** The most used keys whose epochs are not all over. */
  async mostUsed(): Promise<KeyUse[]> {
    const { rows } = await this.pool.query<KeyUse>(
      `select k.id, ${KEY_NAME} as name, k.use_case as "useCase", k.evaluations::float8 as evaluations
         from keys.primary_key k
        where first_epoch is not null
          and not exists (select from keys.primary_key later where later.use_case = k.use_case
                             and later.first_epoch > k.first_epoch
                             and later.first_epoch <= keys.first_live_epoch(k.use_case))
        order by evaluations desc, k.id limit ${MOST_LISTED}`,
    );
    return rows;
  }
}
