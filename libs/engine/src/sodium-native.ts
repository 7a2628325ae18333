import { findCurves, MEMORY_LENGTH, type FindFunction, type Sodium } from './sodium.js';

/** libsodium 1.0.18 is `.so.23`, 1.0.19 and later `.so.26`; the newer one first. */
const NAMES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['libsodium.so.26', 'libsodium.so.23'],
  darwin: ['libsodium.dylib', '/opt/homebrew/lib/libsodium.dylib', '/usr/local/lib/libsodium.dylib'],
  win32: ['libsodium.dll'],
};

/**
 * The system's libsodium.
 *
 * @param names  files to try, in the order of preference; those without a folder are looked for where the system
 *   keeps its libraries
 * @returns `undefined` when none of them is there, or none has the functions (before 1.0.18)
 */
export async function openNativeSodium(names = NAMES[process.platform] ?? []): Promise<Sodium | undefined> {
  const koffi = await loadKoffi();
  if (koffi === undefined) return undefined;
  for (const name of names) {
    try {
      return bind(koffi, koffi.load(name));
    } catch {
      // Not there, for another machine, or too old: the next one may do.
    }
  }
  return undefined;
}

type Koffi = (typeof import('koffi'))['default'];

/** koffi is a native addon: on a system that it was not built for it does not load. */
async function loadKoffi(): Promise<Koffi | undefined> {
  try {
    return (await import('koffi')).default;
  } catch {
    return undefined;
  }
}

function bind(koffi: Koffi, library: ReturnType<Koffi['load']>): Sodium {
  // Addresses as plain numbers: half the price of a call that takes typed arrays.
  const find: FindFunction = (name, addresses, returns) =>
    library.func(`${returns} ${name}(${Array(addresses).fill('uintptr_t').join(', ')})`);
  if (find('sodium_init', 0, 'int')() < 0) throw new Error('sodium_init failed');

  const memory = new Uint8Array(MEMORY_LENGTH);
  return {
    version: library.func('const char *sodium_version_string()')() as string,
    memory,
    // Memory of an array of this size is outside of the heap that the collector moves.
    address: Number(koffi.address(memory)),
    curves: findCurves(find),
    sha512: library.func('int crypto_hash_sha512(uintptr_t digest, uintptr_t message, uint64_t length)'),
    pairsOfSum: 3,
  };
}
