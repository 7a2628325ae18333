/** What around the page may stop a training. */
export interface Surroundings {
  readonly isOffline: boolean;
  /** 0 to 1 where the browser says that it runs on battery */
  readonly battery: number | null;
}

interface Battery extends EventTarget {
  readonly charging: boolean;
  readonly level: number;
}

const now = (battery?: Battery): Surroundings => ({
  isOffline: !navigator.onLine,
  battery: battery === undefined || battery.charging ? null : battery.level,
});

/** Tells now, and whenever something changes, until the signal. */
export function watchSurroundings(tell: (surroundings: Surroundings) => void, signal: AbortSignal): void {
  let battery: Battery | undefined;
  const again = (): void => tell(now(battery));
  addEventListener('online', again, { signal });
  addEventListener('offline', again, { signal });
  again();
  const { getBattery } = navigator as { getBattery?: () => Promise<Battery> };
  void getBattery?.call(navigator).then(
    (found) => {
      battery = found;
      for (const name of ['chargingchange', 'levelchange']) found.addEventListener(name, again, { signal });
      again();
    },
    () => undefined,
  );
}

/**
 * Keeps the screen on while something runs, where the browser can; asked again when the page comes back to the front.
 *
 * @param tell  whether it does; browsers take it back when the page is hidden, or the battery is low
 */
export function keepAwake(signal: AbortSignal, tell: (isAwake: boolean) => void): void {
  let lock: WakeLockSentinel | undefined;
  const ask = async (): Promise<void> => {
    if (signal.aborted || document.visibilityState === 'hidden') return;
    lock = await navigator.wakeLock?.request('screen').catch(() => undefined);
    if (signal.aborted) return lock?.release();
    tell(lock !== undefined);
    lock?.addEventListener('release', () => tell(false), { signal });
  };
  document.addEventListener('visibilitychange', () => void ask(), { signal });
  signal.addEventListener('abort', () => void lock?.release(), { once: true });
  void ask();
}

/** What this page cannot do without, that this browser lacks. */
export function missing(): readonly string[] {
  const needs: readonly (readonly [string, boolean])[] = [
    ['a secure connection (https)', isSecureContext],
    ['web workers', 'Worker' in globalThis],
    ['IndexedDB', 'indexedDB' in globalThis],
    ['locks between tabs', 'locks' in navigator],
    ['WebAssembly', 'WebAssembly' in globalThis],
  ];
  return needs.filter(([, has]) => !has).map(([name]) => name);
}
