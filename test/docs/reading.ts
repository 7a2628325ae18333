import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { DocPage } from './blocks.js';
import { missingLines } from './compare.js';
import { numbered, scriptOf } from './script.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What a reader finds in the repository's folder. All else he makes himself. */
const REPOSITORY = ['package.json', 'node_modules', 'dist', 'examples'];
/** Of one run of pages that go on from each other. */
const LONGEST_MS = 900_000;

export interface Reading {
  readonly ran: number;
  readonly skipped: readonly string[];
  readonly compared: number;
  /** sentences; none where everything is as the pages say */
  readonly wrong: readonly string[];
  /** blocks that took longest, with their seconds */
  readonly slowest: readonly string[];
  readonly seconds: number;
}

/** Does what pages say, in a folder of its own that looks like a clone of the repository. */
export async function read(pages: readonly DocPage[], env: Readonly<Record<string, string>> = {}): Promise<Reading> {
  const home = await mkdtemp(join(tmpdir(), 'starling-docs-'));
  // As root, PostgreSQL runs as another user and has to get in.
  await chmod(home, 0o755);
  const [folder, records] = [join(home, 'starling'), join(home, 'records')];
  const started = performance.now();
  try {
    await Promise.all([mkdir(folder), mkdir(records)]);
    for (const name of REPOSITORY) await symlink(join(ROOT, name), join(folder, name));
    await writeFiles(pages, records);
    await writeFile(join(home, 'script.sh'), scriptOf(pages, { records, seconds: 120 }));
    await runScript(join(home, 'script.sh'), folder, env);
    return { ...(await judge(pages, records)), seconds: (performance.now() - started) / 1000 };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function writeFiles(pages: readonly DocPage[], records: string): Promise<void> {
  for (const [i, { block }] of numbered(pages).entries())
    if (block.kind === 'file') await writeFile(join(records, `${i}.file`), block.code);
}

async function runScript(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<void> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(STARLING_|DATABASE_URL$|NODE_OPTIONS$|npm_)/.test(name),
  );
  const shell = spawn('bash', [script], {
    cwd,
    env: { ...Object.fromEntries(own), ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: LONGEST_MS,
  });
  await once(shell, 'close');
}

async function judge(pages: readonly DocPage[], records: string): Promise<Omit<Reading, 'seconds'>> {
  const text = (name: string): Promise<string | undefined> =>
    readFile(join(records, name), 'utf8').catch(() => undefined);
  const [skipped, wrong]: [string[], string[]] = [[], []];
  const times: { readonly place: string; readonly seconds: number }[] = [];
  let [ran, compared, last, before] = [0, 0, '', 0];
  for (const [i, { page, block }] of numbered(pages).entries()) {
    const place = `${page}:${block.line}`;
    const printed = await text(`${i}.out`);
    const status = await text(`${i}.status`);
    const ended = Number(status?.split(' ')[1] ?? before);
    times.push({ place, seconds: ended - before });
    before = ended;
    if (status === undefined) {
      wrong.push(
        `${place}: this block failed, or what it starts did not become ready:\n${block.code}\n--- it printed\n${printed ?? ''}`,
      );
      break;
    }
    if (block.kind === 'skip') skipped.push(`${place}: ${block.reason}`);
    if (block.kind === 'run' || block.kind === 'background') [ran, last] = [ran + 1, printed ?? ''];
    if (block.kind !== 'output') continue;
    compared++;
    const missing = missingLines(block.code, last, block.exact);
    if (missing.length > 0) wrong.push(`${place}: not printed:\n${missing.join('\n')}\n--- but\n${last}`);
  }
  const slowest = times
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, 3)
    .map((time) => `${time.seconds} s ${time.place}`);
  return { ran, skipped, compared, wrong, slowest };
}
