import { CRASH_POINTS, type CrashPoint } from '#crash-point';

import type { Random } from '../../apps/fleet/src/data/random.js';
import { CHUNKS } from '../fixtures/one-hot.js';

/** What no point within a process can show: what dies is somewhere else. */
const FROM_OUTSIDE = [
  // the acceptance is under way in PostgreSQL, and whoever asked for it is no more
  'intake-accept-sent',
  // kill -9 of the server at a random time
  'postgresql',
] as const;

/** Every way in which something dies in a round. */
export const CRASHES = [...CRASH_POINTS, ...FROM_OUTSIDE];
type CrashName = (typeof CRASHES)[number];

export interface Crash {
  readonly name: CrashName;
  /** what dies, by its name in the Starling */
  readonly process: string;
  /** set where the process dies by itself: at this point, the nth time that it is passed */
  readonly at?: { readonly point: CrashPoint; readonly nth: number };
}

/** Submissions that one job sums. */
const SHARD = 32;

/** @param devices  of the round: they decide how often a point is passed */
export function crashOf(name: CrashName, devices: number, random: Random): Crash {
  const role = name.split('-')[0]!;
  const process = role === 'issuer' || role === 'intake' ? `${role} 0` : role;
  const point = CRASH_POINTS.find((point) => point === name);
  if (point === undefined) return { name, process };
  return { name, process, at: { point, nth: 1 + random.below(passesOf(point, devices)) } };
}

function passesOf(point: CrashPoint, devices: number): number {
  if (point === 'intake-chunk-written') return devices * CHUNKS;
  if (point.startsWith('intake') || point === 'issuer-charged') return devices;
  // One slice a shard: the updates are small.
  const ofShards = ['worker-folding', 'worker-mid-sum', 'worker-summed', 'worker-partial-stored'];
  if (ofShards.includes(point)) return Math.ceil(devices / SHARD);
  return 1;
}

/** All of them in as few rounds as there can be: in each round, one thing of each kind dies. */
export function crashesTogether(devices: number, random: Random): Crash[][] {
  const byProcess = new Map<string, Crash[]>();
  for (const i of random.shuffle(CRASHES.map((_, i) => i))) {
    const crash = crashOf(CRASHES[i]!, devices, random);
    byProcess.set(crash.process, [...(byProcess.get(crash.process) ?? []), crash]);
  }
  const queues = [...byProcess.values()];
  const rounds = Math.max(...queues.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, i) => queues.flatMap((queue) => queue.slice(i, i + 1)));
}
