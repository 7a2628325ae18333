import { INITIAL, reduce, type Action, type PageState } from './rounds-state.js';

/** What the page knows, beside React: so a part of the page is drawn anew for what it reads, and not for every count. */
export class PageStore {
  #state = INITIAL;
  readonly #readers = new Set<() => void>();

  get state(): PageState {
    return this.#state;
  }

  dispatch(action: Action): void {
    this.#state = reduce(this.#state, action);
    for (const reader of this.#readers) reader();
  }

  /** @returns what ends it */
  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader);
    return () => void this.#readers.delete(reader);
  };
}
