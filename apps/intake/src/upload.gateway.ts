import { UseFilters } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
} from '@nestjs/websockets';
import type { Socket } from 'socket.io';

import { parseMessage } from '#edge';
import { ProtocolError, UploadChunk, UploadCommit, type UploadChunkAck, type UploadCommitAck } from '#protocol';

import { IntakeRefusalFilter } from './intake-refusal.filter.js';
import { parserFor, SOCKET_OPTIONS, UPLOAD_PACKET_BYTES, UPLOAD_PATH, uploadOf } from './intake-sockets.js';
import { SubmissionIntake } from './submission-intake.js';
import type { Upload } from './upload.js';
import { Uploads } from './uploads.js';

/** Bodies: only whoever holds a permit gets as far as this. */
@WebSocketGateway({
  ...SOCKET_OPTIONS,
  path: UPLOAD_PATH,
  maxHttpBufferSize: UPLOAD_PACKET_BYTES,
  parser: parserFor(1),
})
@UseFilters(IntakeRefusalFilter)
export class UploadGateway implements OnGatewayConnection<Socket> {
  readonly #uploads = new WeakMap<Socket, Upload>();

  constructor(
    private readonly intake: SubmissionIntake,
    private readonly uploads: Uploads,
  ) {}

  handleConnection(socket: Socket): void {
    const upload = uploadOf(socket.request, this.uploads);
    if (upload === undefined) return void socket.disconnect(true);
    this.#uploads.set(socket, upload);
  }

  @SubscribeMessage('upload:chunk')
  async chunk(@MessageBody() message: unknown, @ConnectedSocket() socket: Socket): Promise<UploadChunkAck> {
    const { index, bytes } = parseMessage(UploadChunk, message);
    return { ok: true, nextIndex: await this.intake.chunk(this.#uploadOf(socket), index, bytes) };
  }

  @SubscribeMessage('upload:commit')
  async commit(@MessageBody() message: unknown, @ConnectedSocket() socket: Socket): Promise<UploadCommitAck> {
    parseMessage(UploadCommit, message);
    return { ok: true, receipt: await this.intake.commit(this.#uploadOf(socket)) };
  }

  #uploadOf(socket: Socket): Upload {
    const upload = this.#uploads.get(socket);
    if (upload === undefined) throw new ProtocolError('upload_unknown', 'Open the submission again.');
    return upload;
  }
}
