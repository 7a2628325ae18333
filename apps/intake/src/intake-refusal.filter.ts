import { Catch, Injectable, type ArgumentsHost } from '@nestjs/common';
import type { Socket } from 'socket.io';

import { AckRefusalFilter, refusalOf } from '#edge';

import { Tally } from './tally.js';

/** After these there is nothing more to say on a connection. */
const CLOSING = new Set(['malformed_message', 'invalid_token']);

/** Answers a refusal through the ack, counts it by code, and hangs up on who cannot pay. */
@Catch()
@Injectable()
export class IntakeRefusalFilter extends AckRefusalFilter {
  constructor(private readonly tally: Tally) {
    super();
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    super.catch(error, host);
    const code = refusalOf(error)?.code ?? 'internal';
    this.tally.countRefusal(code);
    if (CLOSING.has(code)) host.switchToWs().getClient<Socket>().disconnect(true);
  }
}
