import pg from 'pg';

/** Epochs that a restore retired, a use case each. */
export interface RetiredEpochs {
  readonly useCase: string;
  /** the first that is not retired */
  readonly firstLiveEpoch: number;
}

const RETIRE_ALL = `
  select id as "useCase", first as "firstLiveEpoch"
    from keys.use_case cross join lateral (select keys.retire_epochs(id)) as r (first)
   where state = 'live' order by id`;

/**
 * What a tree of noise released since the backup is not known, and its noise must not be on other data too: another tree
 * begins. Backups from before there were trees have none.
 */
const END_TREES = `
  do $$ begin
    if to_regclass('rounds.tree') is not null then
      update rounds.tree set ended = true, seed = null, file_id = null, digest = null;
    end if;
  end $$`;

/** A session that was ended since the backup, for whatever reason, would be back. */
const SIGN_OUT_ALL = `
  do $$ begin
    if to_regclass('access.session') is not null then delete from access.session; end if;
  end $$`;

type Queryable = Pick<pg.ClientBase, 'query'>;

/**
 * What a database needs that was restored from a backup, before any process works on it: which tokens were
 * spent since is not known, so all that may be out are refused; everybody signs in anew.
 */
export async function retireAllEpochs(database: Queryable): Promise<RetiredEpochs[]> {
  await database.query(END_TREES);
  await database.query(SIGN_OUT_ALL);
  return (await database.query<RetiredEpochs>(RETIRE_ALL)).rows;
}

/** @returns the database's count of its lives, above what it was and above `atLeast` */
export async function raiseIncarnation(database: Queryable, atLeast: number = 0): Promise<number> {
  const { rows } = await database.query<{ counter: number }>(
    'update keys.incarnation set counter = greatest(counter, $1) + 1 returning counter::float8 as counter',
    [atLeast],
  );
  return rows[0]!.counter;
}

/**
 * The database's own count of its lives. A copy of the count is kept outside of the database, where a restore
 * does not reach it; the count is raised here first, so that the copy is never ahead of a database that lost nothing.
 */
export class Incarnation {
  readonly #pool: pg.Pool;

  /** @param adminUrl  of the role that owns the tables */
  constructor(adminUrl: string) {
    this.#pool = new pg.Pool({ connectionString: adminUrl, max: 1, connectionTimeoutMillis: 10_000 });
    this.#pool.on('error', () => {});
  }

  async read(): Promise<number> {
    const { rows } = await this.#pool.query<{ counter: number }>(
      'select counter::float8 as counter from keys.incarnation',
    );
    return rows[0]!.counter;
  }

  /** @returns the counter, above what it was and above `atLeast` */
  raise(atLeast: number = 0): Promise<number> {
    return raiseIncarnation(this.#pool, atLeast);
  }

  /** @see retireAllEpochs */
  retireAllEpochs(): Promise<RetiredEpochs[]> {
    return retireAllEpochs(this.#pool);
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
