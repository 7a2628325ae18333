import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** One run of an example. */
export class Example {
  readonly #child;
  readonly #lines: string[] = [];

  constructor(
    private readonly name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ) {
    const module = new URL(`../../examples/${name}.js`, import.meta.url);
    this.#child = spawn(process.execPath, [module.pathname, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#lines.push(line);
      this.#child.emit('line');
    });
  }

  async line(pattern: RegExp): Promise<void> {
    while (!this.#lines.some((line) => pattern.test(line))) {
      await Promise.race([once(this.#child, 'line'), once(this.#child, 'close').then(() => this.#fail())]);
    }
  }

  async succeeded(): Promise<void> {
    if (this.#child.exitCode === null) await once(this.#child, 'close');
    if (this.#child.exitCode !== 0) this.#fail();
  }

  #fail(): never {
    throw new Error(`examples/${this.name}.ts failed:\n${this.#lines.join('\n')}`);
  }
}
