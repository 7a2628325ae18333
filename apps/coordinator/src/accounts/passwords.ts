import { randomBytes } from 'node:crypto';

import { Admission } from '#edge';
import { openThreads } from '#process';

export interface PasswordTask {
  readonly password: string;
  /** to be compared with; left out, one is made */
  readonly hash?: string;
}

/** One at a time: memory is that of one hash, whatever comes. */
const THREADS = 1;
/** Sign-ins that wait, at most; a few seconds' worth. */
const WAITING = 16;
const IDLE_MS = 60_000;

export interface PasswordThreads {
  run(task: PasswordTask): Promise<string | boolean>;
  destroy(): Promise<void>;
}

const openPasswordThreads = (): PasswordThreads =>
  openThreads<PasswordTask, string | boolean>(new URL('./password.worker.js', import.meta.url), {
    threads: THREADS,
    idleMs: IDLE_MS,
  });

/** Passwords as argon2id strings, made and compared in a thread: the event loop goes on meanwhile. */
export class Passwords {
  readonly #admission: Admission;
  /** Of no password, at the cost of every other. */
  readonly #decoy = `$argon2id$v=19$m=65536,t=3,p=1$${unpadded(16)}$${unpadded(32)}`;

  constructor(
    private readonly threads: PasswordThreads = openPasswordThreads(),
    waiting: number = WAITING,
  ) {
    this.#admission = new Admission(THREADS + waiting);
  }

  /** @throws ProtocolError `overloaded` */
  async hash(password: string): Promise<string> {
    return (await this.#run({ password: settled(password) })) as string;
  }

  /**
   * @param hash  undefined where nobody has the name: as much work, and never true
   * @throws ProtocolError `overloaded`
   */
  async matches(hash: string | undefined, password: string): Promise<boolean> {
    const holds = await this.#run({ password: settled(password), hash: hash ?? this.#decoy });
    return hash !== undefined && holds === true;
  }

  close(): Promise<void> {
    return this.threads.destroy();
  }

  #run(task: PasswordTask): Promise<string | boolean> {
    return this.#admission.during(() => this.threads.run(task));
  }
}

const unpadded = (bytes: number): string => randomBytes(bytes).toString('base64').replaceAll('=', '');

/** Keyboards differ in how they write é. */
const settled = (password: string): string => password.normalize('NFC');
