/** `npm run vectors -- KIND FILE`: checks a file of test vectors, a line a vector and a sum at the end. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { ZodError, z } from 'zod';

import { nobleEngine, type Engine } from '#credential';
import { allEngines } from '#engine';

import { runAcs } from './acs.js';
import { exitCode, summary, type Tally } from './report.js';
import { runRfc9497 } from './rfc9497.js';
import { runStrategies } from './strategies.js';

type Runner = (content: unknown, print: (line: string) => void, engines: readonly Engine[]) => Tally;

const RUNNERS: Readonly<Record<string, Runner>> = {
  rfc9497: runRfc9497,
  acs: runAcs,
  strategies: runStrategies,
};

const USAGE = `usage: npm run vectors -- KIND FILE

  KIND  ${Object.keys(RUNNERS).join(' | ')}
  FILE  JSON; rfc9497 takes the form of the RFC authors' allVectors.json,
        acs that of acs-interop-vectors/1, strategies cases of Flower's strategy classes

Runs each vector of a credential on every engine of this machine: noble, libsodium in WebAssembly
and, where it is installed, the system's libsodium. One that fails on any of them fails.

Ends with "N passed, N failed" (", N skipped" for suites that are not built).
Exit code: 0 when nothing failed and something passed, 1 when not, 2 when nothing could be run.`;

export interface Output {
  log(line: string): void;
  error(line: string): void;
}

/**
 * @param args  what follows the script's name
 * @returns the exit code
 */
export function main(args: readonly string[], output: Output, engines: readonly Engine[] = [nobleEngine]): number {
  if (args.includes('--help') || args.includes('-h')) {
    output.log(USAGE);
    return 0;
  }
  const [kind, file] = args;
  const runner = kind !== undefined && Object.hasOwn(RUNNERS, kind) ? RUNNERS[kind] : undefined;
  if (runner === undefined || file === undefined || args.length > 2) return refuse(output, USAGE);
  return runFile((content) => runner(content, output.log, engines), file, output);
}

function runFile(run: (content: unknown) => Tally, file: string, output: Output): number {
  let tally: Tally;
  try {
    tally = run(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    return refuse(output, `${file}: ${reasonOf(error)}`);
  }
  output.log(summary(tally));
  return exitCode(tally);
}

function reasonOf(error: unknown): string {
  if (error instanceof ZodError) return `not a vector file of this kind\n${z.prettifyError(error)}`;
  if (error instanceof SyntaxError) return `not JSON: ${error.message}`;
  if (isSystemError(error)) return `cannot be read (${error.code})`;
  throw error;
}

/** By its code, not its class: under Jest, Node's errors are of another realm. */
function isSystemError(error: unknown): error is { code: string } {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
}

function refuse(output: Output, message: string): number {
  output.error(message);
  return 2;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const engines = await allEngines();
  console.log(`engines: ${engines.map(({ name }) => name).join(', ')}`);
  process.exitCode = main(process.argv.slice(2), console, engines);
}
