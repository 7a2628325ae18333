import { expect, it } from '@jest/globals';

import { ClientError, type OpenRound } from '#client';

import { liveAtOwnPace, NoPart, type Player, type Turn } from './own-pace.js';

const round = (slot: number) => ({ slot }) as unknown as OpenRound;

/** Opens the next round when it is told to. */
class Rounds implements AsyncIterable<OpenRound> {
  #open: (() => void)[] = [];
  readonly #gates = [1, 2, 3].map(() => new Promise<void>((resolve) => this.#open.push(resolve)));

  next = (): void => this.#open.shift()?.();

  async *[Symbol.asyncIterator](): AsyncGenerator<OpenRound> {
    for (const [slot, gate] of this.#gates.entries()) {
      await gate;
      yield round(slot);
    }
  }
}

const accepted: Turn = { outcome: 'accepted' };

// Kills: a fleet that waits for its slowest device; a device that plays a round twice, or plays on after one it has no
// part in; one that never comes back after trouble.
it('[SCN31] devices take part in round after round while one still trains; who has no part waits for the next round', async () => {
  const rounds = new Rounds();
  const over = new AbortController();
  const told: string[] = [];
  const turns: (() => void)[] = [];
  const untilTold = async (count: number): Promise<void> => {
    while (told.length < count) await new Promise<void>((resolve) => turns.push(resolve));
  };
  const player = (name: string, play: (slot: number, time: number) => Promise<Turn> | undefined): Player => {
    const times = new Map<number, number>();
    return {
      play: ({ slot }) => {
        times.set(slot, (times.get(slot) ?? 0) + 1);
        return play(slot, times.get(slot)!);
      },
      onTurn: ({ outcome }) => {
        told.push(`${name} ${outcome}`);
        for (const wake of turns.splice(0)) wake();
      },
    };
  };
  const once = (turn: () => Promise<Turn>) => (_: number, time: number) =>
    time === 1 ? turn() : Promise.resolve({ outcome: 'already_submitted' });
  const life = liveAtOwnPace(
    [
      player(
        'fast',
        once(() => Promise.resolve(accepted)),
      ),
      player('slow', () => new Promise(() => undefined)),
      player('even', (slot, time) => (slot % 2 === 0 ? once(() => Promise.resolve(accepted))(slot, time) : undefined)),
      player('late', (slot, time) =>
        slot === 0 ? Promise.reject(new NoPart()) : once(() => Promise.resolve(accepted))(slot, time),
      ),
      player('unlucky', (slot, time) => {
        if (slot > 0) return undefined;
        if (time === 1) return Promise.reject(new ClientError('unreachable', 'away'));
        return Promise.resolve(time === 2 ? accepted : { outcome: 'no_open_round' });
      }),
    ],
    rounds,
    over.signal,
  );
  life.catch(() => undefined);
  rounds.next();
  await untilTold(4);
  expect(told.splice(0).sort()).toEqual(['even accepted', 'fast accepted', 'unlucky accepted', 'unlucky unreachable']);
  rounds.next();
  await untilTold(2);
  expect(told.splice(0).sort()).toEqual(['fast accepted', 'late accepted']);
  rounds.next();
  await untilTold(3);
  expect(told.sort()).toEqual(['even accepted', 'fast accepted', 'late accepted']);
  over.abort();
});
