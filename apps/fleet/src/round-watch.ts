import { io } from 'socket.io-client';

import {
  ClientError,
  fetchManifest,
  fetchOpenRound,
  type DeviceSettings,
  type OpenRound,
  type Platform,
} from '#client';

import type { Report } from './report.js';

const POLL_MS = 1000;

/**
 * The rounds of a use case as they open, each once. What `/events` announces only makes it look sooner:
 * asking every second is what finds them, also when an announcement is lost.
 */
export async function* watchRounds(
  settings: DeviceSettings,
  platform: Platform,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): AsyncGenerator<OpenRound> {
  const pinned = await fetchManifest(
    { ...platform, http: platform.http.issuer },
    { ...settings, url: settings.issuer },
  );
  const asker = { ...platform, http: platform.http.coordinator };
  const bell = new Bell(settings.coordinator);
  signal.addEventListener('abort', () => bell.ring(), { once: true });
  let last: string | undefined;
  try {
    while (!signal.aborted) {
      const round = await fetchOpenRound(asker, settings.coordinator, pinned).catch(troubleOf(report));
      if (round === undefined || round.roundId === last) await bell.wait(POLL_MS);
      else yield round;
      last = round?.roundId ?? last;
    }
  } finally {
    bell.close();
  }
}

/** The coordinator may be restarting: say so and look again. */
const troubleOf =
  (report: Report) =>
  (error: unknown): undefined => {
    if (!(error instanceof ClientError)) throw error;
    report({ type: 'trouble', code: error.code, message: error.message });
  };

/** Rings when the coordinator announces a round. */
class Bell {
  readonly #socket;
  #wake: () => void = () => undefined;

  constructor(coordinator: string) {
    this.#socket = io(`${coordinator}/events`, { transports: ['websocket'] });
    this.#socket.on('round:opened', () => this.ring());
  }

  ring(): void {
    this.#wake();
  }

  /** Until it rings, or `ms` have passed. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    this.#socket.disconnect();
  }
}
