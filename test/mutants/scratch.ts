import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import ts from 'typescript';

const ROOT = new URL('../../../', import.meta.url).pathname;
const DASHBOARD = 'apps/dashboard';

/** What a run of tests came to. */
export interface TestRun {
  readonly passed: number;
  readonly failed: number;
  /** files that could not even be loaded */
  readonly broken: number;
  /** names of what failed */
  readonly failures: readonly string[];
}

/** A copy of the project in which sources may be wrong. */
export class Scratch {
  private constructor(private readonly directory: string) {}

  static async make(): Promise<Scratch> {
    const directory = await mkdtemp(join(tmpdir(), 'starling-mutants-'));
    const { stdout } = await promisify(execFile)('git', ['ls-files', '-z'], { cwd: ROOT, maxBuffer: 2 ** 24 });
    for (const file of stdout.split('\0').filter((name) => name !== '')) {
      await mkdir(join(directory, dirname(file)), { recursive: true });
      await cp(join(ROOT, file), join(directory, file)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error; // removed and not committed yet
      });
    }
    await cp(join(ROOT, 'dist'), join(directory, 'dist'), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    return new Scratch(directory);
  }

  read(file: string): Promise<string> {
    return readFile(join(this.directory, file), 'utf8');
  }

  /** Changes a source, and what the build makes of it. @returns what puts both right again */
  async change(file: string, text: string): Promise<() => Promise<void>> {
    const isOfPage = file.startsWith(`${DASHBOARD}/`);
    const changes =
      file.endsWith('.ts') && !isOfPage
        ? [{ name: join('dist', file.replace(/[.]ts$/, '.js')), text: this.#compile(text, file) }]
        : [{ name: file, text }];
    const before = await Promise.all(changes.map(async ({ name }) => ({ name, text: await this.read(name) })));
    const writeAll = (files: typeof changes): Promise<unknown> =>
      Promise.all(files.map(({ name, text: content }) => writeFile(join(this.directory, name), content)));
    const change = async (files: typeof changes): Promise<void> => {
      await writeAll(files);
      if (isOfPage) await this.#run('node_modules/vite/bin/vite.js', ['build', DASHBOARD]);
    };
    await change(changes);
    return () => change(before);
  }

  #compile(text: string, fileName: string): string {
    const { config } = ts.readConfigFile(join(this.directory, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, this.directory);
    // Alone, a file cannot know that its package is of modules.
    const compilerOptions = {
      ...options,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
    };
    return ts.transpileModule(text, { compilerOptions, fileName }).outputText;
  }

  /** Runs the tests of some rules. */
  async test(tests: string, rules: readonly string[]): Promise<TestRun> {
    const output = join(this.directory, 'tests.json');
    await rm(output, { force: true });
    const names = `\\[(${rules.join('|')})\\]`;
    const args = ['--testPathPatterns', tests, '-t', names, '--json', '--outputFile', output, '--bail=1'];
    await this.#run('node_modules/jest/bin/jest.js', args);
    return summarize(JSON.parse(await readFile(output, 'utf8')) as JestReport);
  }

  #run(program: string, args: readonly string[]): Promise<void> {
    const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    const child = spawn(process.execPath, [...options, program, ...args], { cwd: this.directory, stdio: 'ignore' });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => resolve());
    });
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[];
  }[];
}

function summarize({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults }: JestReport): TestRun {
  const failures = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ title }) => title),
  );
  return { passed: numPassedTests, failed: numFailedTests, broken: numRuntimeErrorTestSuites, failures };
}
