import { readFile } from 'node:fs/promises';

import { writeSecretFile } from '#process';
import { Incarnation, type RetiredEpochs } from '#storage/migrate';

import { CliError, EXIT } from '../cli-error.js';

/** How often the counters are raised while a Starling runs: a backup this old is told from the database itself. */
const RAISE_MS = 5000;

/** Keeps the database's count of its lives, and a copy in a file: whoever restores a backup brings back a lower count. */
export class RestoreGuard {
  #timer: NodeJS.Timeout | undefined;
  #raising: Promise<void> = Promise.resolve();

  private constructor(
    private readonly incarnation: Incarnation,
    private readonly file: string,
  ) {}

  /**
   * To be called before any process works on the database.
   *
   * @param file  outside of the database, and of its backups
   * @param onRestored  told, for people, when the database turns out to be an old copy; its live epochs are retired by then
   */
  static async open(
    adminUrl: string,
    file: string,
    onRestored: (text: string) => void,
    raiseMs: number = RAISE_MS,
  ): Promise<RestoreGuard> {
    const guard = new RestoreGuard(new Incarnation(adminUrl), file);
    try {
      await guard.#start(onRestored, raiseMs);
      return guard;
    } catch (error) {
      await guard.incarnation.close();
      throw error;
    }
  }

  async #start(onRestored: (text: string) => void, raiseMs: number): Promise<void> {
    const seen = await readCounter(this.file);
    const counter = await this.incarnation.read();
    // Also where the file is gone: who cannot show that nothing is missing is treated as if something were.
    const isOld = seen === undefined ? counter > 0 : counter < seen;
    const retired = isOld ? await this.incarnation.retireAllEpochs() : undefined;
    await this.#raise(seen);
    if (retired !== undefined) onRestored(describeRestore(retired));
    // What fails is made good by the next; the database may be away for a while.
    this.#timer = setInterval(() => {
      this.#raising = this.#raising.then(() => this.#raise()).catch(() => undefined);
    }, raiseMs);
  }

  /** First in the database: a crash in between must not look like a restore. */
  async #raise(atLeast?: number): Promise<void> {
    const counter = await this.incarnation.raise(atLeast);
    await writeSecretFile(this.file, Buffer.from(`${counter}\n`));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#raising;
    await this.#raise().catch(() => undefined);
    await this.incarnation.close();
  }
}

async function readCounter(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  if (/^\d{1,15}\n$/.test(text)) return Number(text);
  throw new CliError(
    EXIT.failed,
    `${file} holds no number. Remove it: the next start then treats the database as restored.`,
  );
}

/** For whoever started it: a line a use case. */
export function describeRestore(retired: readonly RetiredEpochs[]): string {
  const lines = retired.map(
    ({ useCase, firstLiveEpoch }) => `  ${useCase}: rounds go on in epoch ${firstLiveEpoch}, with new tokens`,
  );
  return [
    'This database was restored from a backup: which tokens were spent since is not known, so none that are out are taken.',
    ...(lines.length === 0 ? ['  No use case was live.'] : lines),
  ].join('\n');
}
