import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { freePort, ProcessError, Supervisor, takeLock, type RunningChild } from '#process';
import { migrate, roleUrl, type Role } from '#storage/migrate';

import { openDatabase, type Database } from './database.js';
import { RestoreGuard } from './restore-guard.js';
import { ProcessLogs } from './process-logs.js';
import { removeRunning, writeRunning } from './running.js';
import { loadSecrets, type Secrets } from './secrets.js';

export interface StackOptions {
  /** everything that is kept: database, secrets, bodies, models, logs */
  readonly directory: string;
  /** a PostgreSQL in the directory even where DATABASE_URL names one */
  readonly ownDatabase?: boolean;
  /** first port to try for each process */
  readonly ports?: Partial<Record<Role, number>>;
  /** called with one line for each thing that runs */
  readonly onStarted?: (name: string, port: number) => void;
  readonly onCrash?: (name: string, message: string) => void;
  /** called with what somebody should know who started it */
  readonly onNotice?: (text: string) => void;
  /** gives up a start under way; what was started is stopped before `startStack` rejects */
  readonly signal?: AbortSignal;
}

/** A whole Starling on this machine: PostgreSQL and the four processes. */
export interface Stack {
  readonly urls: Readonly<Record<Role, string>>;
  readonly pids: Readonly<Record<Role, number>>;
  readonly directory: string;
  readonly secrets: Secrets;
  readonly adminUrl: string;
  stop(): Promise<void>;
}

const PORTS: Readonly<Record<Role, number>> = { coordinator: 4000, issuer: 4001, intake: 4002, worker: 4003 };
const ORDER: readonly Role[] = ['issuer', 'intake', 'coordinator', 'worker'];

/**
 * Starts everything. While it runs, `running.json` in the directory says where.
 *
 * @throws ProcessError `already_running` when another Starling uses the directory
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { onStarted, onCrash, signal } = options;
  const directory = resolve(options.directory);
  // Root's PostgreSQL runs as another user, who has to get through here to a folder of its own.
  await mkdir(directory, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const lock = await takeLock(join(directory, 'starling.lock'));
  const logs = new ProcessLogs(join(directory, 'logs'), ORDER);
  const supervisor = new Supervisor({
    onLine: (name, line) => logs.write(name, line),
    onCrash: (name, error) => onCrash?.(name, error.message),
  });
  let [database, guard]: [Database?, RestoreGuard?] = [];
  const stop = async (): Promise<void> => {
    await removeRunning(directory);
    await supervisor.stopAll();
    await guard?.close();
    await database?.stop();
    await logs.close();
    await lock.release();
  };
  const giveUp = (): void => void supervisor.stopAll();
  signal?.addEventListener('abort', giveUp);
  try {
    const secrets = await loadSecrets(join(directory, 'secrets'));
    database = await openDatabase(directory, (error) => onCrash?.('postgresql', error.message), options);
    signal?.throwIfAborted();
    onStarted?.('postgresql', database.port);
    await migrate(database.adminUrl, secrets.passwords);
    guard = await RestoreGuard.open(database.adminUrl, secrets.incarnationFile, (text) => options.onNotice?.(text));
    await logs.open();
    const what = { directory, secrets, adminUrl: database.adminUrl };
    const processes = await startProcesses(supervisor, { ...what, ports: { ...PORTS, ...options.ports }, onStarted });
    await writeRunning(directory, { ...processes.urls, deploymentKey: secrets.deploymentKey });
    return { ...what, ...processes, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

interface Plan {
  readonly directory: string;
  readonly secrets: Secrets;
  readonly adminUrl: string;
  readonly ports: Readonly<Record<Role, number>>;
  readonly onStarted: StackOptions['onStarted'];
}

async function startProcesses(supervisor: Supervisor, plan: Plan): Promise<Pick<Stack, 'urls' | 'pids'>> {
  // One after the other: two that look for a free port at once may find the same.
  const ports = new Map<Role, number>();
  for (const role of ORDER) ports.set(role, await freePort(plan.ports[role]));
  const start = (role: Role, env = {}): Promise<RunningChild> =>
    startOnFreePort(supervisor, { ...plan, ports: Object.fromEntries(ports) as Plan['ports'], env }, role);
  const others = await Promise.all([start('issuer'), start('intake'), start('worker')]);
  const [issuer, intake] = others;
  // The coordinator last: it is told where the others are, and a port may have had to be another one.
  const coordinator = await start('coordinator', {
    PROCESS_URLS: others.map((child) => `${child.name}=${urlOf(child)}`).join(','),
    PUBLIC_ISSUER_URL: urlOf(issuer),
    PUBLIC_INTAKE_URL: urlOf(intake),
  });
  const children = [...others, coordinator];
  const of = <T>(pick: (child: RunningChild) => T): Record<Role, T> =>
    Object.fromEntries(children.map((child) => [child.name, pick(child)])) as Record<Role, T>;
  return { urls: of(urlOf), pids: of(({ pid }) => pid) };
}

const urlOf = ({ port }: Pick<RunningChild, 'port'>): string => `http://127.0.0.1:${port}`;

const STARTS = 5;

/** Updates pass through them, bytes beside a small heap. */
const HOLD_UPDATES: ReadonlySet<Role> = new Set(['intake', 'worker']);

/** Between finding a port free and listening on it, another process may have taken it: then on another. */
async function startOnFreePort(
  supervisor: Supervisor,
  plan: Plan & { readonly env: Readonly<Record<string, string>> },
  role: Role,
): Promise<RunningChild> {
  let port = plan.ports[role];
  for (let starts = 1; ; starts++) {
    try {
      const child = await supervisor.start({
        name: role,
        module: new URL(`../../../${role}/src/main.js`, import.meta.url),
        env: {
          ...environment(role, plan),
          ...plan.env,
          ...(role === 'coordinator' && { PUBLIC_COORDINATOR_URL: urlOf({ port }) }),
          PORT: `${port}`,
        },
        restart: true,
        roomyHeap: HOLD_UPDATES.has(role),
      });
      plan.onStarted?.(role, child.port);
      return child;
    } catch (error) {
      const taken = error instanceof ProcessError && error.message.includes('EADDRINUSE');
      if (!taken || starts === STARTS) throw error;
      port = await freePort();
    }
  }
}

/** What each process is told, and no more: only issuer and intake learn where the master key is. */
function environment(role: Role, { directory, secrets, adminUrl, ports }: Plan): Record<string, string> {
  const database = { DATABASE_URL: roleUrl(adminUrl, role, secrets.passwords[role]) };
  const bodies = { BODIES_DIRECTORY: join(directory, 'bodies') };
  const models = { MODELS_DIRECTORY: join(directory, 'models') };
  const master = { MASTER_KEY_FILE: secrets.masterKeyFile };
  const bootstrap = createHash('sha256').update(secrets.apiKey).digest('hex');
  const own: Record<Role, Record<string, string>> = {
    issuer: {
      ...master,
      // Of the page that takes part.
      ALLOWED_ORIGINS: [
        urlOf({ port: ports.coordinator }),
        `http://localhost:${ports.coordinator}`,
        ...(process.env['ALLOWED_ORIGINS'] ? [process.env['ALLOWED_ORIGINS']] : []),
      ].join(),
    },
    intake: { ...master, ...bodies, PERMIT_KEY_FILE: secrets.permitKeyFile },
    coordinator: {
      ...models,
      SIGNING_KEY_FILE: secrets.signingKeyFile,
      LOG_KEY_FILE: secrets.logKeyFile,
      BOOTSTRAP_KEY_HASH: bootstrap,
    },
    worker: { ...bodies, ...models },
  };
  return { ...passedOn(role), ...database, ...own[role] };
}

/** For those that trace rounds; what serves devices traces nothing. */
const TRACING = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_CERTIFICATE'];

/** Settings without secrets that are the operator's to make, for the processes that know them. */
const WISHES: Record<Role, readonly string[]> = {
  issuer: ['CREDENTIAL_ENGINE'],
  intake: ['CREDENTIAL_ENGINE'],
  coordinator: ['ALLOWED_ORIGINS', 'STRATEGY_MODULES', ...TRACING],
  worker: ['STRATEGY_MODULES', ...TRACING],
};

/** What whoever starts it says of its processes. */
const passedOn = (role: Role): Record<string, string> =>
  Object.fromEntries(
    ['LOG_FORMAT', ...WISHES[role]].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
