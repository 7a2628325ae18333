import { describe, expect, it } from '@jest/globals';

import { RoundKeeper, type KeeperPorts } from './round-keeper.js';

/** Ports that do nothing but say in which order they were asked. */
function recordingPorts(): { ports: KeeperPorts; asked: string[] } {
  const asked: string[] = [];
  const say = (name: string) => (): Promise<[]> => {
    asked.push(name);
    return Promise.resolve([]);
  };
  const ports = {
    schedule: { seal: say('seal'), due: say('due') },
    plans: { end: say('end plans') },
    register: { goLive: say('go live') },
    facts: { log: say('log') },
    deadlines: { begin: say('begin'), expire: say('expire') },
    traces: { during: (_: unknown, work: () => Promise<unknown>) => work() },
  };
  return { ports: ports as unknown as KeeperPorts, asked };
}

describe('the round keeper', () => {
  // Kills: abandoning before moving on, or at once after a night in which nothing ran.
  it('[RND11] abandons last, and not before it has been running for a while', async () => {
    const old = recordingPorts();
    await new RoundKeeper(old.ports, 0).run();
    expect(old.asked).toEqual(['go live', 'log', 'end plans', 'seal', 'due', 'begin', 'expire']);
    const young = recordingPorts();
    await new RoundKeeper(young.ports, 3_600_000).run();
    expect(young.asked).toEqual(['go live', 'log', 'end plans', 'seal', 'due', 'begin']);
  });
});
