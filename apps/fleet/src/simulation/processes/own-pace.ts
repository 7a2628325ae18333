import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { ClientError, type OpenRound } from '#client';

/** How a device's turn in a round ended: `accepted`, a code, or why it skipped. */
export interface Turn {
  readonly outcome: string;
  /** versions that the model had moved on by */
  readonly staleness?: number | undefined;
}

/** Somebody who has a turn in each round, and may have none in some. */
export interface Player {
  /** @returns undefined where it has no part in this round; rejects with NoPart where it finds out later */
  readonly play: (round: OpenRound) => Promise<Turn> | undefined;
  readonly onTurn: (turn: Turn) => void;
}

/** The round that is open by now is not one of this device's. */
export class NoPart extends Error {
  override readonly name = 'NoPart';
}

/** Lets every device live on its own until the signal: nobody waits for who trains for longer. */
export async function liveAtOwnPace(
  players: readonly Player[],
  openings: AsyncIterable<OpenRound>,
  signal: AbortSignal,
): Promise<void> {
  setMaxListeners(0, signal); // each training listens to it
  const opened = new LastOpened();
  const lives = players.map((player) => live(player, opened, signal));
  const watch = async (): Promise<void> => {
    for await (const round of openings) opened.set(round);
    opened.end();
  };
  await Promise.all([watch(), ...lives]);
}

/** After these there is nothing to do before another round opens; after anything else there may be. */
const IDLE: ReadonlySet<string> = new Set([
  ...['no_open_round', 'too_few_tokens', 'no_token', 'token_too_new', 'already_submitted'],
]);

async function live({ play, onTurn }: Player, opened: LastOpened, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { last } = opened;
    const turn = last === undefined ? undefined : await played(play(last), signal);
    if (turn === undefined || IDLE.has(turn.outcome)) await opened.another(last);
    else onTurn(turn);
  }
}

/** What the end of all interrupts is no news. */
async function played(playing: Promise<Turn> | undefined, signal: AbortSignal): Promise<Turn | undefined> {
  try {
    return await playing;
  } catch (error) {
    if (signal.aborted || error instanceof NoPart) return undefined;
    if (!(error instanceof ClientError)) throw error;
    await sleep(TROUBLE_MS);
    return { outcome: error.code };
  }
}

/** The coordinator may be restarting. */
const TROUBLE_MS = 500;

/** The round that opened last, for all who wait for the next. */
class LastOpened {
  last: OpenRound | undefined;
  #isOver = false;
  #waiting: (() => void)[] = [];

  set(round: OpenRound): void {
    this.last = round;
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Until another round than this one has opened, or there will be none. */
  async another(than: OpenRound | undefined): Promise<void> {
    while (!this.#isOver && this.last === than) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
