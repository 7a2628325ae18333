import { ExpressAdapter } from '@nestjs/platform-express';

import type { Door } from './door.js';

/** Express behind a door that is open already. */
export class DoorAdapter extends ExpressAdapter {
  constructor(private readonly door: Door) {
    super();
  }

  override initHttpServer(): void {
    this.httpServer = this.door.server;
  }
}
