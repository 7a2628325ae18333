import { setTimeout as sleep } from 'node:timers/promises';

import { io } from 'socket.io-client';

import type { RoundView } from '#protocol';

import type { CoordinatorClient } from './coordinator-client.js';
import { isSettled, RoundBoard } from './output/round-board.js';
import { Screen } from './output/screen.js';

const POLL_MS = 1000;
/** News come in bunches. */
const SOON_MS = 100;
const EVENTS = ['round:opened', 'round:progress', 'round:closed', 'model:published'] as const;

type Show = (rounds: readonly RoundView[]) => void;

/** Follows a use case's rounds until all have ended: a table that moves, or a JSON line for each change. */
export async function watchRounds(
  coordinator: CoordinatorClient,
  useCase: string,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const screen = new Screen(process.stdout);
  const show = json === true ? changes() : table(screen);
  const bell = new Bell(coordinator.url);
  try {
    for (;;) {
      const rounds = await coordinator.listRounds(useCase);
      show(rounds);
      if (rounds.every((round) => isSettled(round, Date.now()))) return;
      await bell.wait();
    }
  } finally {
    bell.close();
    screen.done();
  }
}

function table(screen: Screen): Show {
  const board = new RoundBoard(screen);
  return (rounds) => board.update(rounds, Date.now());
}

function changes(): Show {
  const seen = new Map<string, string>();
  return (rounds) => {
    for (const round of rounds) {
      const text = JSON.stringify(round);
      if (seen.get(round.id) !== text) process.stdout.write(`${text}\n`);
      seen.set(round.id, text);
    }
  };
}

/** Rings when the coordinator announces something, and once a second anyway: only what is asked for then is believed. */
class Bell {
  readonly #socket;
  #rung = new AbortController();

  constructor(url: string) {
    this.#socket = io(`${url}/events`, { transports: ['websocket'] });
    for (const event of EVENTS) this.#socket.on(event, () => this.#rung.abort());
  }

  async wait(): Promise<void> {
    await sleep(POLL_MS, undefined, { signal: this.#rung.signal }).catch(() => sleep(SOON_MS));
    this.#rung = new AbortController();
  }

  close(): void {
    this.#socket.disconnect();
  }
}
