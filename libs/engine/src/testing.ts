/** For tests only; not exported by the front door. */
import type { Engine } from '#credential';

import { allEngines } from './choose-engine.js';
import { openNativeSodium } from './sodium-native.js';
import { openWasmSodium } from './sodium-wasm.js';
import type { Sodium } from './sodium.js';

/** Every engine. On a machine without libsodium the tests say so and go on without; in CI it has to be there. */
export async function enginesUnderTest(): Promise<Engine[]> {
  const engines = await allEngines();
  if (!engines.some(({ name }) => name === 'native')) missNative();
  return engines;
}

/** Both libraries, as far as they are here. */
export async function sodiumsUnderTest(): Promise<{ name: string; sodium: Sodium }[]> {
  const native = await openNativeSodium();
  if (native === undefined) missNative();
  const wasm = { name: 'wasm', sodium: await openWasmSodium() };
  return native === undefined ? [wasm] : [wasm, { name: 'native', sodium: native }];
}

function missNative(): void {
  const sentence = 'libsodium is not installed: the native engine is NOT TESTED here';
  if (process.env['CI'] === 'true') throw new Error(sentence);
  console.warn(sentence);
}
