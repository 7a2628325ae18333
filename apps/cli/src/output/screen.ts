import type { WriteStream } from 'node:tty';

import { createLogUpdate } from 'log-update';

import type { Look } from './progress.js';

type LogUpdate = ReturnType<typeof createLogUpdate>;

/** Lines that stay, and on a terminal below them some that move. */
export class Screen {
  readonly look: Look;
  readonly #moving: LogUpdate | undefined;

  constructor(
    private readonly stream: Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY'>>,
    env: Readonly<Record<string, string | undefined>> = process.env,
  ) {
    const isTerminal = stream.isTTY === true && env['TERM'] !== 'dumb';
    this.look = { colour: isTerminal && !env['NO_COLOR'] };
    if (isTerminal) this.#moving = createLogUpdate(stream as WriteStream);
  }

  line(text: string): void {
    this.#moving?.clear();
    this.stream.write(`${text}\n`);
  }

  /** Replaces what was shown last; nothing where lines cannot move. */
  move(text: string): void {
    this.#moving?.(text);
  }

  /** Takes away what moves, and shows the cursor again. */
  done(): void {
    this.#moving?.clear();
    this.#moving?.done();
  }
}
