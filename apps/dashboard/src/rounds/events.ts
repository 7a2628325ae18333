import { io, type Socket } from 'socket.io-client';

import type { CoordinatorEvents, RoundView } from '#protocol';

const REDIAL_MS = 2000;
/** Four times a second is as often as a person can read, and the coordinator counts twice. */
const FLUSH_MS = 250;

export interface Listener {
  readonly onConnect: () => void;
  readonly onLost: () => void;
  /** the latest view of each round that changed, at most four times a second */
  readonly onRounds: (rounds: readonly RoundView[]) => void;
}

/** Follows the coordinator's events until the function it returns is called. */
export function follow({ onConnect, onLost, onRounds }: Listener): () => void {
  const socket: Socket<CoordinatorEvents> = io('/events', { transports: ['websocket'], reconnectionDelayMax: 5000 });
  const changed = new Map<string, RoundView>();
  let flush: ReturnType<typeof setTimeout> | undefined;
  let redial: ReturnType<typeof setTimeout> | undefined;

  const hear = (round: RoundView) => {
    changed.set(round.id, round);
    flush ??= setTimeout(() => {
      flush = undefined;
      onRounds([...changed.values()]);
      changed.clear();
    }, FLUSH_MS);
  };
  const lost = () => {
    onLost();
    // Told to go, socket.io does not come back by itself.
    clearTimeout(redial);
    if (!socket.active) redial = setTimeout(() => socket.connect(), REDIAL_MS);
  };

  socket.on('connect', onConnect);
  socket.on('disconnect', lost);
  socket.on('connect_error', lost);
  socket.on('round:opened', hear);
  socket.on('round:progress', hear);
  socket.on('round:closed', hear);
  socket.on('model:published', ({ round }) => hear(round));

  return () => {
    clearTimeout(flush);
    clearTimeout(redial);
    socket.off();
    socket.disconnect();
  };
}
