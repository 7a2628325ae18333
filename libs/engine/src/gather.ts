import { CredentialError, type CredentialErrorCode } from '#credential';
import { describeWithoutPayload } from '#process';

/** What became of one item. Plain data, since it comes from a thread; `broken` says where, never what was in the item. */
export type Outcome<Answer> =
  | { readonly answer: Answer }
  | { readonly refused: CredentialErrorCode; readonly message: string }
  | { readonly broken: string };

export interface GatherOptions {
  /** tasks that run at a time: one a thread */
  readonly lanes: number;
  /** items of one task; default 64, after which a task more costs next to nothing */
  readonly maxItems?: number;
  /** items that wait for a lane; beyond, `Overloaded`. Default 4096: seconds of a core */
  readonly maxWaiting?: number;
}

/** More is asked for than can be computed soon, or this process is about to stop. Nothing was done. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';

  constructor(readonly retryAfterMs: number) {
    super('too many items are waiting');
  }
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

const RETRY_AFTER_MS = 1000;

/** Of a task while other lanes are busy, if so many wait: handing one over costs as much as computing part of an item. */
const FEWEST_ITEMS = 8;

/**
 * Makes few tasks of many small requests. What comes in during one turn of the event loop, or while all lanes are
 * busy, waits together, and a free lane takes its even share: nobody waits for a timer, a single request goes at once,
 * and the fuller the queue the fewer the tasks.
 */
export class Gather<Item, Answer> {
  readonly #options: Required<GatherOptions>;
  readonly #waiting: Waiting<Item, Answer>[] = [];
  #running = 0;
  #isDealing = false;
  #isClosed = false;
  #whenIdle: (() => void) | undefined;

  /** @param work  gives one outcome an item, in their order */
  constructor(
    private readonly work: (items: readonly Item[]) => Promise<readonly Outcome<Answer>[]>,
    { lanes, maxItems = 64, maxWaiting = 4096 }: GatherOptions,
  ) {
    this.#options = { lanes, maxItems, maxWaiting };
  }

  /**
   * @throws Overloaded when too many wait
   * @throws CredentialError what the item was refused for
   */
  submit(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed || this.#waiting.length >= this.#options.maxWaiting) {
        return reject(new Overloaded(RETRY_AFTER_MS));
      }
      this.#waiting.push({ item, resolve, reject });
      if (this.#isDealing) return;
      this.#isDealing = true;
      setImmediate(() => {
        this.#isDealing = false;
        this.#deal();
      });
    });
  }

  /** Takes nothing more; done when everything taken so far is answered. */
  close(): Promise<void> {
    this.#isClosed = true;
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
      this.#tellIdle();
    });
  }

  #deal(): void {
    const { lanes, maxItems } = this.#options;
    const waiting = this.#waiting.length;
    // Of all lanes, since a busy one will be free soon: the tasks become smaller towards the end, and all lanes end together.
    const share = Math.ceil(waiting / lanes);
    const fewest = Math.min(FEWEST_ITEMS, Math.ceil(waiting / Math.max(1, lanes - this.#running)));
    while (this.#running < lanes && this.#waiting.length > 0) {
      void this.#perform(this.#waiting.splice(0, Math.min(Math.max(share, fewest), maxItems)));
    }
    this.#tellIdle();
  }

  async #perform(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    this.#running++;
    try {
      const outcomes = await this.work(batch.map(({ item }) => item));
      batch.forEach((waiting, i) => answer(waiting, outcomes[i] ?? { broken: 'no outcome' }));
    } catch (error) {
      for (const { reject } of batch) reject(error as Error);
    }
    this.#running--;
    this.#deal();
  }

  #tellIdle(): void {
    if (this.#running === 0 && this.#waiting.length === 0) this.#whenIdle?.();
  }
}

function answer<Item, Answer>({ resolve, reject }: Waiting<Item, Answer>, outcome: Outcome<Answer>): void {
  if ('answer' in outcome) resolve(outcome.answer);
  else if ('refused' in outcome) reject(new CredentialError(outcome.refused, outcome.message));
  else reject(new Error(`a thread could not compute an item: ${outcome.broken}`));
}

/** (In the thread) Does one item after the other; what goes wrong with one is the outcome of that one. */
export function settle<Item, Answer>(items: readonly Item[], work: (item: Item) => Answer): Outcome<Answer>[] {
  return items.map((item) => {
    try {
      return { answer: work(item) };
    } catch (error) {
      if (error instanceof CredentialError) return { refused: error.code, message: error.message };
      return { broken: describeWithoutPayload(error) };
    }
  });
}
