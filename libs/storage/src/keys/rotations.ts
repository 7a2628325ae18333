import type { Pool } from '../database/index.js';
import { KEY_NAME } from './primary-keys.js';
import type { StoredManifest } from './use-case-drafts.js';

/** A new key that waits to be announced, with the manifest it is to follow. */
export interface MadeKey {
  readonly useCase: string;
  readonly publicKey: Uint8Array;
  /** the first epoch that no token can be out for, and no other key: a request may have raced an announcement */
  readonly firstEpoch: number;
  /** by the database's clock */
  readonly currentEpoch: number;
  /** the newest manifest */
  readonly version: number;
  readonly manifest: Uint8Array;
}

/** An announced key and where it stands. */
export interface KeyRow {
  readonly useCase: string;
  /** what people call it */
  readonly name: string;
  readonly firstEpoch: number;
  /** null for the newest */
  readonly lastEpoch: number | null;
  readonly evaluations: number;
  /** null before the use case is live */
  readonly currentEpoch: number | null;
  readonly firstLiveEpoch: number | null;
}

const NOT_ANNOUNCED =
  'not exists (select from keys.primary_key k where k.use_case = u.id and k.first_epoch >= keys.current_epoch(u.id) + 2)';

/** A key whose epochs are used up, or that was used too often. $1: evaluations */
const REQUEST_DUE = `
  insert into keys.rotation (use_case)
  select u.id from keys.use_case u
    join lateral (select first_epoch, evaluations from keys.primary_key
                   where use_case = u.id and first_epoch is not null order by first_epoch desc limit 1) newest on true
   where u.state = 'live' and ${NOT_ANNOUNCED}
     and (newest.evaluations >= $1
          or newest.first_epoch + (keys.draft_at(u.id, keys.current_epoch(u.id)) ->> 'keyEpochs')::int <= keys.current_epoch(u.id) + 2)
  on conflict do nothing`;

const MADE = `
  select r.use_case as "useCase", k.public_key as "publicKey", m.version, m.bytes as manifest, c.epoch as "currentEpoch",
         greatest(c.epoch + 2, (select max(epoch) + 1 from keys.epoch e where e.use_case = r.use_case),
                  (select max(first_epoch) + 1 from keys.primary_key p where p.use_case = r.use_case)) as "firstEpoch"
    from keys.rotation r
    join keys.primary_key k on k.use_case = r.use_case and k.first_epoch is null
    join lateral (select version, bytes from keys.manifest
                   where use_case = r.use_case order by version desc limit 1) m on true
    cross join lateral (select keys.current_epoch(r.use_case)) as c (epoch)`;

const LIST = `
  select k.use_case as "useCase", ${KEY_NAME} as name, k.first_epoch as "firstEpoch",
         lead(k.first_epoch) over (partition by k.use_case order by k.first_epoch) - 1 as "lastEpoch",
         k.evaluations::float8 as evaluations, c.current as "currentEpoch",
         greatest(c.current, (select retired_before from keys.clock where use_case = k.use_case)) as "firstLiveEpoch"
    from keys.primary_key k cross join lateral (select keys.current_epoch(k.use_case)) as c (current)
   where k.first_epoch is not null and ($1::text is null or k.use_case = $1)
   order by k.use_case, k.first_epoch`;

/** The coordinator's part in a change of keys: asked for, announced in the next manifest; and epochs retired by hand. */
export class Rotations {
  constructor(private readonly pool: Pool) {}

  /** @returns false where one is under way already, or announced and not yet within an epoch of its beginning */
  async request(useCase: string): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `insert into keys.rotation (use_case)
       select u.id from keys.use_case u where u.id = $1 and u.state = 'live' and ${NOT_ANNOUNCED} on conflict do nothing`,
      [useCase],
    );
    return rowCount === 1;
  }

  /** @param evaluations  of a key that has to go */
  async requestDue(evaluations: number): Promise<void> {
    await this.pool.query(REQUEST_DUE, [evaluations]);
  }

  async made(): Promise<MadeKey[]> {
    const { rows } = await this.pool.query<MadeKey>(MADE);
    return rows;
  }

  /** @returns whether it is announced; otherwise the epoch or another coordinator was faster: look again */
  async announce(firstEpoch: number, next: StoredManifest): Promise<boolean> {
    const { rows } = await this.pool.query<{ announced: boolean }>(
      'select keys.announce($1, $2, $3, $4, $5, $6) as announced',
      [next.useCase, firstEpoch, next.version, next.digest, next.bytes, next.signature],
    );
    return rows[0]!.announced;
  }

  async list(useCase?: string): Promise<KeyRow[]> {
    const { rows } = await this.pool.query<KeyRow>(LIST, [useCase ?? null]);
    return rows;
  }

  /** @returns the first epoch that is not retired; null when the use case is not live */
  async retireEpochs(useCase: string): Promise<number | null> {
    const { rows } = await this.pool.query<{ first: number | null }>('select keys.retire_epochs($1) as first', [
      useCase,
    ]);
    return rows[0]!.first;
  }

  /** By the database's clock; null before the use case is live. */
  async currentEpoch(useCase: string): Promise<number | null> {
    const { rows } = await this.pool.query<{ epoch: number | null }>('select keys.current_epoch($1) as epoch', [
      useCase,
    ]);
    return rows[0]!.epoch;
  }
}
