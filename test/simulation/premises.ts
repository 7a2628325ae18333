import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Engine } from '#credential';
import { LocalEncryption } from '#storage/keys';
import type { Role } from '#storage/migrate';
import type { Pool } from '#storage/database';

import { SigningKey } from '../../apps/coordinator/src/signing-key.js';
import { moveDatabaseClock } from '../fixtures/database-clock.js';
import type { TestDatabase } from '../fixtures/database.js';

export const AUDIENCE = 'starling.test';
export const EPOCH_SECONDS = 3600;
export const SLOTS = 4;
export const SCALE = 1000;
/** One coordinate for each update that a list of operations can make. */
export const PARAMETERS = 128;
export const LAYOUT = [{ name: 'w', shape: [PARAMETERS] }];

/** What outlives a restart: the database, the files, the secrets, the time. */
export class Premises {
  readonly encryption = new LocalEncryption(randomBytes(32));
  readonly permitKey = randomBytes(32);
  readonly signing = new SigningKey(randomBytes(32));
  readonly log = new SigningKey(randomBytes(32));
  readonly pools: Readonly<Record<Role, Pool>>;
  #shiftMs = 0;

  private constructor(
    readonly database: TestDatabase,
    readonly engine: Engine,
    readonly directory: string,
  ) {
    const pool = (role: Role): Pool => database.pool(role, 4);
    this.pools = {
      issuer: pool('issuer'),
      intake: pool('intake'),
      coordinator: pool('coordinator'),
      worker: pool('worker'),
    };
  }

  static async open(database: TestDatabase, engine: Engine): Promise<Premises> {
    return new Premises(database, engine, await mkdtemp(join(tmpdir(), 'starling-test-')));
  }

  get bodies(): string {
    return join(this.directory, 'bodies');
  }

  get models(): string {
    return join(this.directory, 'models');
  }

  /** The clock of the processes: moved together with the database's. */
  readonly now = (): number => Date.now() + this.#shiftMs;

  async moveClock(seconds: number): Promise<void> {
    this.#shiftMs += 1000 * seconds;
    await moveDatabaseClock(this.database, seconds);
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
