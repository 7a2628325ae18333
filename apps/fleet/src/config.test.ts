import { describe, expect, it } from '@jest/globals';

import { codeOf, readFleetConfig } from './config.js';
import { addressOf } from './fleet-device.js';
import { roleOf } from './misbehaviour.js';

const small = {
  issuer: 'http://127.0.0.1:1/',
  coordinator: 'http://127.0.0.1:2',
  intake: 'http://127.0.0.1:3',
  deploymentKey: 'ab'.repeat(32),
  useCase: 'digits',
  codes: 'welcome',
  devices: 3,
  seed: 7,
  alpha: 0.5,
  model: 'mlp',
  rounds: 2,
  cacheDirectory: '/tmp',
};
const read = (fleet: object) => readFleetConfig({ STARLING_FLEET: JSON.stringify(fleet) });

describe('the fleet', () => {
  it('[FLT1] is configured by one JSON object; everything wrong in it is named at once', () => {
    expect(read(small)).toMatchObject({ issuer: 'http://127.0.0.1:1', misbehave: false });
    expect(() => read({ ...small, devices: 0, model: 'gpt' })).toThrow(/devices[^]*model|model[^]*devices/);
    expect(() => read({ ...small, nonsense: 1 })).toThrow('nonsense');
    expect(() => readFleetConfig({})).toThrow('STARLING_FLEET');
  });

  it('[FLT1] enrols with one counted code or one code a device', () => {
    expect([0, 2].map((index) => codeOf({ codes: 'welcome' }, index))).toEqual(['welcome', 'welcome']);
    expect(codeOf({ codes: ['a', 'b'] }, 1)).toBe('b');
    expect(() => codeOf({ codes: ['a', 'b'] }, 2)).toThrow('device 2');
  });

  it('[FLT2] gives each device an address of its own', () => {
    expect([0, 249, 250, 499, 500].map(addressOf)).toEqual([
      '127.0.1.1',
      '127.0.1.250',
      '127.0.2.1',
      '127.0.2.250',
      '127.0.3.1',
    ]);
    expect(new Set(Array.from({ length: 2000 }, (_, i) => addressOf(i))).size).toBe(2000);
  });

  it('[FLT4] has its last four devices cheat, one of them after an honest update, if told to', () => {
    const roles = (misbehave: boolean) => Array.from({ length: 6 }, (_, i) => roleOf(i, { devices: 6, misbehave }));
    expect(roles(false).every(({ kind, isHonest }) => kind === undefined && isHonest)).toBe(true);
    expect(roles(true)).toEqual([
      { kind: undefined, isHonest: true },
      { kind: undefined, isHonest: true },
      { kind: 'double_spend', isHonest: true },
      { kind: 'vanished', isHonest: false },
      { kind: 'wrong_shape', isHonest: false },
      { kind: 'forged_token', isHonest: false },
    ]);
  });
});
