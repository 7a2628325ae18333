import { constants } from 'node:fs';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';

const ROTATE_BYTES = 10 * 2 ** 20;
const TAIL_BYTES = 4_096;
const FOLLOW_MS = 200;

/**
 * The file the server writes its log to. It is handed over as an open file: the server's account needs no right to it, and
 * what the server says after our death is kept.
 */
export class ServerLog {
  private position: number;
  private partialLine = '';
  private reading: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly file: FileHandle,
    private readonly begin: number,
    private readonly onLine: ((line: string) => void) | undefined,
  ) {
    this.position = begin;
    if (onLine) this.timer = setInterval(() => void this.follow(), FOLLOW_MS).unref();
  }

  /** Opens the log to append to it; one of more than 10 MB becomes `<path>.1` first. */
  static async open(path: string, onLine?: (line: string) => void): Promise<ServerLog> {
    const size = await stat(path).then(
      ({ size }) => size,
      () => 0,
    );
    if (size > ROTATE_BYTES) await rename(path, `${path}.1`);
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;
    const file = await open(path, flags, 0o600);
    return new ServerLog(file, (await file.stat()).size, onLine);
  }

  get descriptor(): number {
    return this.file.fd;
  }

  /** The end of what was written since it was opened, at most 4 kB. */
  async tail(): Promise<string> {
    const { size } = await this.file.stat();
    const from = Math.max(this.begin, size - TAIL_BYTES);
    return (await this.read(from, size)).trim();
  }

  /** Hands on what is still unread; safe to repeat. */
  async close(): Promise<void> {
    if (this.timer) await this.follow();
    clearInterval(this.timer);
    this.timer = undefined;
    await this.file.close();
  }

  private follow(): Promise<void> {
    this.reading = this.reading.then(async () => {
      const { size } = await this.file.stat();
      const lines = (this.partialLine + (await this.read(this.position, size))).split('\n');
      this.position = size;
      this.partialLine = lines.pop()!;
      for (const line of lines) this.onLine!(line);
    });
    return this.reading;
  }

  private async read(from: number, to: number): Promise<string> {
    const { buffer, bytesRead } = await this.file.read(Buffer.alloc(to - from), 0, to - from, from);
    return buffer.toString('utf8', 0, bytesRead);
  }
}
