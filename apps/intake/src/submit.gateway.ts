import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Socket } from 'socket.io';

import { parseMessage } from '#edge';
import { ProtocolError, SubmitOpen, type SubmitOpenAck } from '#protocol';

import { IntakeRefusalFilter } from './intake-refusal.filter.js';
import { ConnectionTimes, parserFor, SOCKET_OPTIONS, SUBMIT_PACKET_BYTES, SUBMIT_PATH } from './intake-sockets.js';
import { SubmissionIntake } from './submission-intake.js';

/** Headers: one a connection, without any identity. */
@WebSocketGateway({
  ...SOCKET_OPTIONS,
  path: SUBMIT_PATH,
  maxHttpBufferSize: SUBMIT_PACKET_BYTES,
  parser: parserFor(2),
})
@UseFilters(IntakeRefusalFilter)
export class SubmitGateway {
  /** By the connection itself: a socket of socket.io may leave and come back on the same one. */
  readonly #opened = new WeakSet<Socket['conn']>();

  constructor(
    private readonly intake: SubmissionIntake,
    private readonly times: ConnectionTimes,
  ) {}

  @SubscribeMessage('submit:open')
  async open(@MessageBody() message: unknown, @ConnectedSocket() socket: Socket): Promise<SubmitOpenAck> {
    if (this.#opened.has(socket.conn)) throw new ProtocolError('malformed_message', 'One submission a connection.');
    this.#opened.add(socket.conn);
    this.times.answering(socket.conn);
    try {
      return await this.#open(parseMessage(SubmitOpen, message));
    } finally {
      this.times.leaving(socket.conn);
    }
  }

  async #open(message: SubmitOpen): Promise<SubmitOpenAck> {
    const opened = await this.intake.open(message);
    if ('receipt' in opened) return { ok: true, receipt: opened.receipt };
    const { chunkBytes } = opened.upload.submission.manifest;
    return { ok: true, permit: opened.permit, chunkBytes, nextIndex: opened.upload.nextIndex };
  }
}
