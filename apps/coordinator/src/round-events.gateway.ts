import { WebSocketGateway, WebSocketServer, type OnGatewayConnection } from '@nestjs/websockets';
import type { Namespace, Socket } from 'socket.io';

import { crashPoint } from '#crash-point';
import { PLAIN_SOCKETS } from '#edge';
import type { CoordinatorEvents, ModelView, RoundView } from '#protocol';
import { Models, RoundViews } from '#storage/rounds';

/** Counts of a round still come in for a moment after it has closed. */
const SETTLING_MS = 5000;

/** Namespace `/events`: what happens, to everybody alike. News come from the database, so any process may have made them. */
@WebSocketGateway({ ...PLAIN_SOCKETS, namespace: '/events', maxHttpBufferSize: 1024 })
export class RoundEventsGateway implements OnGatewayConnection<Socket> {
  @WebSocketServer() private readonly server!: Namespace<Record<string, never>, CoordinatorEvents>;
  readonly #announced = new Map<string, string>();
  readonly #watched = new Map<string, number>();
  /** the last progress told of each watched round */
  readonly #told = new Map<string, string>();

  constructor(
    private readonly views: RoundViews,
    private readonly models: Models,
  ) {}

  /** Nobody who listens has anything to say. */
  handleConnection(socket: Socket): void {
    socket.onAny(() => socket.disconnect(true));
  }

  /** A round's row or its model's changed. */
  async changed(roundId: string): Promise<void> {
    const round = await this.views.find(roundId);
    if (round === undefined) return;
    this.#watched.set(roundId, Date.now());
    const model = round.state === 'published' ? await this.models.ofRound(roundId) : undefined;
    this.#announce(round, model);
    if (model !== undefined) crashPoint('coordinator-telling');
  }

  #announce(round: RoundView, model: ModelView | undefined): void {
    const stage = `${round.state} ${model?.accuracy ?? ''}`;
    if (this.#announced.get(round.id) === stage) return void this.#progress(round);
    this.#announced.set(round.id, stage);
    if (round.state === 'open') this.server.emit('round:opened', round);
    else if (round.state === 'scheduled') this.server.emit('round:progress', round);
    else if (model !== undefined) this.server.emit('model:published', { round, model });
    else if (round.state !== 'published' || round.evaluates !== null) this.server.emit('round:closed', round);
  }

  /** Only what is news: most half seconds of most rounds bring none. */
  #progress(round: RoundView): void {
    const view = JSON.stringify(round);
    if (this.#told.get(round.id) === view) return;
    this.#told.set(round.id, view);
    this.server.emit('round:progress', round);
  }

  /** Counts of rounds that are open, or were a moment ago. No news per acceptance: that would tell times. */
  async poll(): Promise<void> {
    for (const id of await this.views.open()) this.#watched.set(id, Date.now());
    for (const [id, since] of this.#watched) {
      const round = await this.views.find(id);
      if (round !== undefined) this.#progress(round);
      if (Date.now() - since <= SETTLING_MS) continue;
      this.#watched.delete(id);
      this.#told.delete(id);
    }
  }
}
