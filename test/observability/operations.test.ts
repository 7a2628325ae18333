import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { OperationsView } from '#protocol';
import { QUEUE } from '#queue';

import { ask, codeOf } from '../fixtures/http.js';
import { pick } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { watchedRound, type WatchedRound } from '../fixtures/watched-round.js';

let starling: TestStarling;
let busy: OperationsView[];
let watched: WatchedRound;

const operations = async (): Promise<OperationsView> => {
  const { status, json, text } = await starling.researcher.call('/operations');
  if (status !== 200) throw new Error(text);
  return json as OperationsView;
};

/** Looked at all the time while a round runs. */
beforeAll(async () => {
  starling = await startStarling({ watches: true });
  const looks: OperationsView[] = [];
  let isOver = false;
  const looking = (async () => {
    for (; !isOver; await sleep(250)) looks.push(await operations());
  })();
  watched = await watchedRound(starling, { devices: 6 });
  await sleep(2000);
  isOver = true;
  await looking;
  busy = looks;
}, 120_000);
afterAll(() => starling.stop());

const most = (pickRate: (view: OperationsView) => number): number => Math.max(...busy.map(pickRate));

describe('operations', () => {
  // Kills: a process that is left out; figures of the coordinator under every name.
  it('[OBS5] shows every process with its state and its own figures', async () => {
    const { processes } = await operations();
    expect(processes.map(({ name }) => name).sort()).toEqual(['coordinator', 'intake 0', 'issuer 0', 'worker']);
    for (const process of processes) {
      expect(process).toMatchObject({ state: 'ready', reason: null });
      expect(Date.parse(process.startedAt!)).toBeLessThan(Date.now());
      expect(process.memoryBytes).toBeGreaterThan(1e7);
      expect(process.connections).toBeGreaterThanOrEqual(0);
      expect(process.eventLoopLagMs).toBeGreaterThanOrEqual(0);
    }
    expect(new Set(processes.map(({ memoryBytes }) => memoryBytes)).size).toBe(4);
  });

  // Kills: rates that are counts since the start; rates of one process.
  it('[OBS5] shows what the processes did in the last seconds, and nothing when they do nothing', async () => {
    expect(most(({ rates }) => rates.issuedPerSecond)).toBeGreaterThan(0);
    expect(most(({ rates }) => rates.redeemedPerSecond)).toBeGreaterThan(0);
    expect(most(({ rates }) => rates.acceptedPerSecond)).toBeGreaterThan(0);
    expect(most(({ rates }) => rates.refusedPerSecond)).toBeGreaterThan(0);
    expect((await operations()).refusals).toContainEqual({ code: 'wrong_length', count: 6 });
    for (;;) {
      const { rates } = await operations();
      if (Object.values(rates).every((rate) => rate === 0)) break;
      await sleep(500);
    }
  });

  it('[OBS5] shows the queues, each of them also when it is empty', async () => {
    const { queues } = await operations();
    expect(queues.map(({ name }) => name).sort()).toEqual(Object.values(QUEUE).sort());
    for (const queue of queues) expect(queue).toMatchObject({ waiting: 0, active: 0, oldestWaitingMs: null });
  });

  // Kills: a view that hands job names or ids on, which name rounds.
  it('[OBS5] shows nothing of a device', () => {
    expect(watched.traces(JSON.stringify(busy))).toEqual([]);
    expect(/[0-9a-f]{16}|[0-9a-f]{8}-[0-9a-f]{4}/.exec(JSON.stringify(busy))).toBeNull();
  });

  // Kills: operations for everybody.
  it('[OBS6] wants the scope operations:read', async () => {
    const url = `${starling.coordinator}/v1/operations`;
    expect(codeOf(await ask(url, {}))).toBe('unauthorized');
    for (const [scopes, status] of [
      [['models:read'], 403],
      [['operations:read'], 200],
    ] as const) {
      const key = pick<string>(await starling.researcher.call('/api-keys', { name: 'watcher', scopes }), 'key');
      expect((await ask(url, { headers: { authorization: `Bearer ${key}` } })).status).toBe(status);
    }
  });

  // Kills: a process that is gone and stays ready; one missing process that makes the whole answer fail.
  it('[OBS5] says that a process gives no answer, and when it is back', async () => {
    const stateOf = async (): Promise<string> =>
      (await operations()).processes.find(({ name }) => name === 'worker')!.state;
    process.kill(starling.pid('worker'), 'SIGSTOP');
    try {
      while ((await stateOf()) !== 'away') await sleep(200);
    } finally {
      process.kill(starling.pid('worker'), 'SIGCONT');
    }
    while ((await stateOf()) === 'away') await sleep(200);
    expect(await stateOf()).toBe('ready');
  });
});
