import { Catch, Injectable, type ArgumentsHost } from '@nestjs/common';
import type { Socket } from 'socket.io';

import { AckRefusalFilter, refusalOf } from '#edge';

/** After these there is nothing more to say on a connection. */
const CLOSING = new Set(['malformed_message', 'invalid_token']);

/** Answers a refusal through the ack, and hangs up on who cannot pay. */
@Catch()
@Injectable()
export class IntakeRefusalFilter extends AckRefusalFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    super.catch(error, host);
    const code = refusalOf(error)?.code;
    if (code !== undefined && CLOSING.has(code)) host.switchToWs().getClient<Socket>().disconnect(true);
  }
}
