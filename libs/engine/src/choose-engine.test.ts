import { beforeAll, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { nobleEngine, type Engine, type Group, type GroupName } from '#credential';

import { differsFromNoble, failsKnownAnswers } from './check-engine.js';
import { allEngines, chooseEngine, openEngine, type EngineSources } from './choose-engine.js';
import { describeEngine, reportEngine } from './report-engine.js';
import { openNativeSodium } from './sodium-native.js';
import { enginesUnderTest } from './testing.js';

type BytesGroup = Group<Uint8Array, Uint8Array>;

let wasm: Engine;
beforeAll(async () => {
  await enginesUnderTest();
  wasm = (await allEngines()).find(({ name }) => name === 'wasm')!;
});

/** libsodium with one operation spoilt. */
function spoilt(change: (group: BytesGroup) => Partial<BytesGroup>, only?: GroupName): Engine {
  const group = (name: GroupName) => {
    const right = wasm.group(name) as BytesGroup | undefined;
    return right === undefined || (only ?? name) !== name ? right : { ...right, ...change(right) };
  };
  return { name: 'spoilt', group };
}

const withoutBit = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.with(bit >> 3, bytes[bit >> 3]! & ~(1 << (bit & 7)));

const shared = new Uint8Array(32);
const inSharedMemory = (bytes: Uint8Array): Uint8Array => {
  shared.set(bytes);
  return shared;
};

let calls = 0;

/** Each is right most of the time, or looks right; and each is caught. */
const MUTANTS: readonly (readonly [string, () => Engine, RegExp])[] = [
  [
    'multiplies without the lowest bit',
    () => spoilt((g) => ({ multiply: (e, k) => g.multiply(e, withoutBit(k, 0)) })),
    /multiply/,
  ],
  [
    'multiplies without bit 251',
    () => spoilt((g) => ({ multiply: (e, k) => g.multiply(e, withoutBit(k, 251)) })),
    /multiply/,
  ],
  [
    'multiplies the generator without bit 100',
    () => spoilt((g) => ({ multiplyGenerator: (k) => g.multiplyGenerator(withoutBit(k, 100)) })),
    /enerator/,
  ],
  [
    'hands out its own memory',
    () => spoilt((g) => ({ multiply: (e, k) => inSharedMemory(g.multiply(e, k)) })),
    /multiply/,
  ],
  ['hands out its own memory for sums', () => spoilt((g) => ({ add: (a, b) => inSharedMemory(g.add(a, b)) })), /add/],
  [
    'hands out its own memory for scalars',
    () =>
      spoilt((g) => ({
        addScalars: (a, b) => inSharedMemory(g.addScalars(a, b)),
        invertScalar: (a) => inSharedMemory(g.invertScalar(a)),
      })),
    /addScalars/,
  ],
  [
    'adds without the identity',
    () => spoilt((g) => ({ sumOfProducts: (e, s) => g.sumOfProducts(e.slice(1), s.slice(1)) })),
    /sumOfProducts/,
  ],
  ['does not reduce', () => spoilt(() => ({ scalarFromUniform: (bytes) => withoutBit(bytes.slice(0, 32), 253) })), /./],
  [
    'takes bit 255',
    () =>
      spoilt(
        (g) => ({ decodeElement: (b) => (b.length === 32 ? g.decodeElement(withoutBit(b, 255)) : undefined) }),
        'ristretto255',
      ),
    /bit 255/,
  ],
  [
    'takes elements of mixed order',
    () => spoilt((g) => ({ decodeElement: (b) => (b.length === 32 ? b : g.decodeElement(b)) }), 'ed25519'),
    /T₂/,
  ],
  [
    'takes scalars above the order',
    () => spoilt((g) => ({ decodeScalar: (b) => (b.length === 32 ? b : g.decodeScalar(b)) })),
    /the order/,
  ],
  [
    'takes the identity where it multiplies',
    () => spoilt((g) => ({ decodeAndMultiply: (b, k) => g.decodeAndMultiply!(b, k) ?? { element: b, product: b } })),
    /does not refuse/,
  ],
  [
    'multiplies what it decodes by something else',
    () => spoilt((g) => ({ decodeAndMultiply: (b) => g.decodeAndMultiply!(b, new Uint8Array(32).fill(1)) })),
    /evaluated/,
  ],
  ['does not know the identity', () => spoilt(() => ({ isIdentity: () => false })), /identit/],
  [
    'refuses the identity',
    () =>
      spoilt(
        (g) => ({ decodeElement: (b) => (b.every((byte) => byte === 0) ? undefined : g.decodeElement(b)) }),
        'ristretto255',
      ),
    /identity/,
  ],
  [
    'is right only at first',
    () => spoilt((g) => ({ multiply: (e, k) => (calls++ > 20 ? g.generator : g.multiply(e, k)) })),
    /./,
  ],
  [
    'throws',
    () =>
      spoilt(() => ({
        hash: () => {
          throw new Error('no hash today');
        },
      })),
    /no hash today/,
  ],
  [
    'lacks a group',
    () => ({ name: 'half', group: (name) => (name === 'ed25519' ? undefined : wasm.group(name)) }),
    /no group ed25519/,
  ],
];

const absent = async () => undefined;
const source = (engine: Engine) => async () => ({ engine, description: engine.name });
const sources = (given: Partial<EngineSources>): EngineSources => ({
  native: absent,
  wasm: source(wasm),
  noble: source(nobleEngine),
  ...given,
});

describe('an engine', () => {
  // Kills: each mutant in the list.
  it.each(MUTANTS)('[ENG3] that %s is found out, and refused where it is asked for', async (_, make, fault) => {
    calls = 0;
    const engine = make();
    expect(failsKnownAnswers(engine) ?? differsFromNoble(engine)).toMatch(fault);
    calls = 0;
    const native = source(engine);
    await expect(chooseEngine('native', sources({ native }))).rejects.toThrow(/The engine native \(.*\) is wrong: /);
  });

  // Kills: a server that stops where it could go on, or that does not say what it passed over.
  it('[ENG3] that is wrong is passed over by auto, and the log says so', async () => {
    const native = source(spoilt((g) => ({ add: (a, b) => g.subtract(a, b) })));
    const chosen = await chooseEngine('auto', sources({ native }));
    expect(describeEngine(chosen)).toMatch(/^credential engine: wasm .* The engine native \(.*\) is wrong: .*add\.$/);
  });

  it('[ENG3] that is right passes, here all of them', async () => {
    for (const engine of await allEngines()) {
      expect([engine.name, failsKnownAnswers(engine), differsFromNoble(engine)]).toEqual([
        engine.name,
        undefined,
        undefined,
      ]);
    }
  });

  it('[ENG3] is tried again in each thread, by the known answers', async () => {
    const broken = spoilt((g) => ({ add: g.subtract }));
    await expect(openEngine('native', sources({ native: source(broken) }))).rejects.toThrow(/in a thread: .*add/);
    await expect(openEngine('native', sources({}))).rejects.toThrow(/not on this machine/);
    expect(await openEngine('wasm', sources({}))).toBe(wasm);
  });
});

describe('the choice', () => {
  // Kills: noble as a last resort of auto, whose time tells keys without anybody having been asked.
  it('[ENG4] is the native engine, else WebAssembly, and noble only where it is asked for', async () => {
    const native = source({ ...wasm, name: 'native' });
    expect((await chooseEngine('auto', sources({ native }))).name).toBe('native');
    expect((await chooseEngine('auto', sources({}))).name).toBe('wasm');
    expect((await chooseEngine('noble', sources({}))).name).toBe('noble');
    await expect(chooseEngine('auto', sources({ wasm: absent }))).rejects.toThrow(
      'No credential engine can be used. The engine native is not on this machine. The engine wasm is not on this machine.',
    );
    const failing = () => Promise.reject(new Error('no WebAssembly'));
    await expect(chooseEngine('wasm', sources({ wasm: failing }))).rejects.toThrow(/wasm did not open: no WebAssembly/);
  });

  it('[ENG4] finds no library under a name that none has, and tries the next one', async () => {
    expect(await openNativeSodium(['libnothing-of-the-kind.so.1'])).toBeUndefined();
    // A library, but not this one.
    expect(await openNativeSodium(['libc.so.6', 'libnothing-of-the-kind.so.1'])).toBeUndefined();
  });

  it('[ENG4] is told in a line of the log and in a metric', async () => {
    const chosen = await chooseEngine('auto', sources({}));
    expect(describeEngine(chosen)).toBe('credential engine: wasm (wasm). The engine native is not on this machine.');
    const registry = new Registry();
    reportEngine(chosen, registry);
    expect(await registry.metrics()).toContain('starling_credential_engine_info{engine="wasm"} 1');
  });
});
