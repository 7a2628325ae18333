import { ProtocolError } from '#protocol';

/** ms; what clients add to it by chance spreads them over seconds */
const BUSY_RETRY_MS = 1000;

/**
 * How much is worked on at a time. Who comes when it is full is told so before anything is done for him: a queue
 * that everybody waits in makes all too late, and what was given up meanwhile is computed for nobody.
 */
export class Admission {
  #inside = 0;

  /** @param most  at a time */
  constructor(private readonly most: number) {}

  get inside(): number {
    return this.#inside;
  }

  /**
   * @returns to be called once, when it is over
   * @throws ProtocolError `overloaded`
   */
  enter(): () => void {
    if (this.#inside >= this.most) {
      throw new ProtocolError('overloaded', 'Too much is asked for at once.', BUSY_RETRY_MS);
    }
    this.#inside++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#inside--;
    };
  }

  /** @throws ProtocolError `overloaded`, and what `work` throws */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const leave = this.enter();
    try {
      return await work();
    } finally {
      leave();
    }
  }
}
