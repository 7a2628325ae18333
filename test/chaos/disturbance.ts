import { setTimeout as sleep } from 'node:timers/promises';

import type { Random } from '../../apps/fleet/src/data/random.js';
import type { OwnPostgres } from '../fixtures/own-postgres.js';
import { eventually } from '../fixtures/patience.js';
import type { TestStarling } from '../fixtures/starling.js';

/** What goes on while clients do something else. */
export interface Disturbance {
  /** intake processes are killed, one every 500 ms */
  readonly kills: boolean;
  /** PostgreSQL is killed and started, then stopped and started */
  readonly restarts: boolean;
}

export interface Disturbed {
  readonly kills: number;
  readonly restarts: number;
}

const KILL_EVERY_MS = 500;
const BACK = { withinMs: 60_000 };

/** Disturbs for as long as `work` takes; all are back when this returns. */
export async function disturbing<T>(
  { starling, postgres, random }: { starling: TestStarling; postgres: OwnPostgres; random: Random },
  { kills, restarts }: Disturbance,
  work: () => Promise<T>,
): Promise<[T, Disturbed]> {
  let isOver = false;
  const killing = async (): Promise<number> => {
    let count = 0;
    while (kills && !isOver) {
      await sleep(KILL_EVERY_MS);
      if (!isOver) count += killOne(starling, random) ? 1 : 0;
    }
    return count;
  };
  const restarting = async (): Promise<number> => {
    if (!restarts) return 0;
    for (const end of [() => postgres.kill(), () => postgres.stop()]) {
      await sleep(1500 * random.uniform());
      await end();
      await postgres.start();
    }
    return 2;
  };
  const [result, killed, restarted] = await Promise.all([
    work().finally(() => (isOver = true)),
    killing(),
    restarting(),
  ]);
  await eventually('everybody is back', () => deadOnes(starling).length === 0, BACK);
  return [result, { kills: killed, restarts: restarted }];
}

const namesOf = ({ intakes }: TestStarling): string[] => intakes.map((_, i) => `intake ${i}`);
const deadOnes = (starling: TestStarling): string[] => namesOf(starling).filter((name) => !starling.lives(name));

/** The last one that lives is left alone, or nobody would ever get an answer. @returns whether one was killed */
function killOne(starling: TestStarling, random: Random): boolean {
  const living = namesOf(starling).filter((name) => starling.lives(name));
  if (living.length < 2) return false;
  starling.kill(living[random.below(living.length)]!);
  return true;
}
