import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What the processes print, a file each. */
export class ProcessLogs {
  readonly #streams = new Map<string, WriteStream>();

  constructor(
    private readonly directory: string,
    private readonly names: readonly string[],
  ) {}

  async open(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    for (const name of this.names) {
      const stream = createWriteStream(join(this.directory, `${name}.log`), { flags: 'a', mode: 0o600 });
      stream.on('error', () => {});
      this.#streams.set(name, stream);
    }
  }

  write(name: string, line: string): void {
    this.#streams.get(name)?.write(`${line}\n`);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => new Promise((done) => stream.end(done))));
  }
}
