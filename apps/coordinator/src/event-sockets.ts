import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Registry } from 'prom-client';
import type { Server, ServerOptions } from 'socket.io';

import { destroyOnceClosed, METRICS, publishSockets, type EngineSocket, type Shed } from '#edge';

/** News that a listener may be behind: half a minute of a round's counts, some tens of kB. */
const MAX_BEHIND = 64;

/** Who may listen: everybody who reads, as long as there is room. */
export class EventSockets extends IoAdapter {
  #count = (): number => 0;

  constructor(
    app: INestApplicationContext,
    private readonly maxConnections: number,
    private readonly shed: Shed,
  ) {
    super(app);
    publishSockets(app.get<Registry>(METRICS), () => ({ events: this.#count() }));
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const allowRequest: ServerOptions['allowRequest'] = (_request, decide) => {
      if (this.#count() < this.maxConnections) return decide(null, true);
      this.shed.count('socket');
      decide('overloaded', false);
    };
    const server: Server = super.createIOServer(port, { ...options, allowRequest } as ServerOptions);
    this.#count = () => server.engine.clientsCount;
    server.engine.on('connection', (socket: EngineSocket) => {
      destroyOnceClosed(socket);
      dropWhoNeverReads(socket);
    });
    return server;
  }
}

/** All that happens is kept for who does not read it, for as long as he answers pings, which he need not read either. */
export function dropWhoNeverReads(socket: EngineSocket): void {
  socket.on('packetCreate', () => {
    // Its types hide what waits to be sent; nothing else tells.
    const { length } = (socket as unknown as { readonly writeBuffer: readonly unknown[] }).writeBuffer;
    if (length < MAX_BEHIND) return;
    socket.close(true);
    socket.request.socket.destroy();
  });
}
