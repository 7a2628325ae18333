import { EmbeddedPostgresError } from './errors.js';

/** What a caller may change. */
const DEFAULTS: Readonly<Record<string, string>> = {
  max_connections: '100',
  shared_buffers: '64MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** What nobody may change: durability, who can connect, and what the log must not hold. */
const FIXED: Readonly<Record<string, string>> = {
  fsync: 'on',
  full_page_writes: 'on',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // A refused insert's DETAIL quotes the row ("Key (nonce)=(…) already exists"): tokens do not belong in a log.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  logging_collector: 'off',
  log_destination: 'stderr',
};

/** What the launcher sets itself. */
export interface OwnSettings {
  readonly port: number;
  /** Who launched the server, as an identity that outlives pid reuse; PostgreSQL carries settings with a dot without asking. */
  readonly 'starling.launcher': string;
}
const OWN: readonly string[] = ['port', 'starling.launcher'] satisfies (keyof OwnSettings)[];

export type AskedSettings = Readonly<Record<string, string | number | boolean>>;

/** @throws EmbeddedPostgresError `bad_setting` for one that is fixed, or no setting's name */
export function checkSettings(asked: AskedSettings): void {
  for (const name of Object.keys(asked)) {
    if (name in FIXED || OWN.includes(name)) {
      throw new EmbeddedPostgresError('bad_setting', `${name} is set by Starling and cannot be changed; leave it out.`);
    }
    if (!/^[a-z_]+(\.[a-z_]+)?$/.test(name)) {
      throw new EmbeddedPostgresError(
        'bad_setting',
        `${JSON.stringify(name)} is not the name of a PostgreSQL setting.`,
      );
    }
  }
}

/** The server's settings as command line arguments. */
export function settingArguments(asked: AskedSettings, own: OwnSettings): string[] {
  return Object.entries({ ...DEFAULTS, ...asked, ...FIXED, ...own }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
}
