import { nobleEngine, type Engine } from '#credential';

import { differsFromNoble, failsKnownAnswers } from './check-engine.js';
import { openPublicSums } from './public-sums.js';
import { sodiumEngine } from './sodium-engine.js';
import { openNativeSodium } from './sodium-native.js';
import { openWasmSodium } from './sodium-wasm.js';

export const ENGINE_NAMES = ['native', 'wasm', 'noble'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** What `CREDENTIAL_ENGINE` may say. */
export const ENGINE_CHOICES = ['auto', ...ENGINE_NAMES] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

export interface OpenedEngine {
  readonly engine: Engine;
  /** for people: what it is, with its version */
  readonly description: string;
}

/** Opens each engine; `undefined` where it is not on this machine. */
export type EngineSources = Readonly<Record<EngineName, () => Promise<OpenedEngine | undefined>>>;

export interface ChosenEngine extends OpenedEngine {
  readonly name: EngineName;
  /** a sentence for each engine that would have come first */
  readonly skipped: readonly string[];
}

/** The engine asked for is not here, or computes wrongly: a server had better not start. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/** Noble is not among them: it is not constant time, so it has to be asked for. */
const AUTO: readonly EngineName[] = ['native', 'wasm'];

const SOURCES: EngineSources = {
  native: async () => {
    const sodium = await openNativeSodium();
    if (sodium === undefined) return undefined;
    const engine = sodiumEngine('native', sodium, await openPublicSums());
    return { engine, description: `the system's libsodium ${sodium.version}` };
  },
  wasm: async () => {
    const sodium = await openWasmSodium();
    const engine = sodiumEngine('wasm', sodium, await openPublicSums());
    return { engine, description: `libsodium ${sodium.version} in WebAssembly` };
  },
  noble: async () => ({ engine: nobleEngine, description: 'noble, which is not constant time' }),
};

/**
 * Chooses what this process computes credentials with: the fastest engine that is here and that is right, or the one
 * asked for. Each has to give the known answers and, on fresh random inputs, what noble gives.
 *
 * @throws EngineError in a sentence, when the engine asked for is absent or wrong, or none is left
 */
export async function chooseEngine(choice: EngineChoice, sources: EngineSources = SOURCES): Promise<ChosenEngine> {
  const skipped: string[] = [];
  for (const name of choice === 'auto' ? AUTO : [choice]) {
    const opened = await tryEngine(name, sources);
    if (typeof opened !== 'string') return { name, ...opened, skipped };
    skipped.push(opened);
  }
  throw new EngineError(`No credential engine can be used. ${skipped.join(' ')}`);
}

async function tryEngine(name: EngineName, sources: EngineSources): Promise<OpenedEngine | string> {
  let opened: OpenedEngine | undefined;
  try {
    opened = await sources[name]();
  } catch (error) {
    return `The engine ${name} did not open: ${error instanceof Error ? error.message : 'no reason given'}.`;
  }
  if (opened === undefined) return `The engine ${name} is not on this machine.`;
  const fault =
    failsKnownAnswers(opened.engine) ?? (opened.engine === nobleEngine ? undefined : differsFromNoble(opened.engine));
  return fault === undefined ? opened : `The engine ${name} (${opened.description}) is wrong: ${fault}.`;
}

/** Every engine of this machine, noble first; whether they are right is left to whoever asks. */
export async function allEngines(sources: EngineSources = SOURCES): Promise<Engine[]> {
  const opened = [await sources.noble(), await sources.wasm(), await sources.native()];
  return opened.flatMap((one) => (one === undefined ? [] : [one.engine]));
}

/**
 * (In a thread) The engine that the process has chosen, which here has to give the known answers again.
 *
 * @throws EngineError
 */
export async function openEngine(name: EngineName, sources: EngineSources = SOURCES): Promise<Engine> {
  const opened = await sources[name]();
  const fault = opened === undefined ? 'it is not on this machine' : failsKnownAnswers(opened.engine);
  if (fault !== undefined) throw new EngineError(`The engine ${name} cannot be used in a thread: ${fault}.`);
  return opened!.engine;
}
