import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Registry } from 'prom-client';
import type { Server, ServerOptions } from 'socket.io';
import { Decoder, Encoder } from 'socket.io-parser';

import {
  destroyOnceClosed,
  LEAVE_MS,
  METRICS,
  PLAIN_SOCKETS,
  publishSockets,
  type EngineSocket,
  type Shed,
} from '#edge';
import { decodePermit } from '#protocol';

import type { Upload } from './upload.js';
import type { Uploads } from './uploads.js';

export const SUBMIT_PATH = '/submit';
export const UPLOAD_PATH = '/upload';
/** A header, its MAC and the packet around them. With two attachments a stranger can park about 4 kB. */
export const SUBMIT_PACKET_BYTES = 2048;
/** The largest chunk and the packet around it. */
export const UPLOAD_PACKET_BYTES = 262_144 + 1024;
/** A stranger who has not opened a submission is cut off after this long; a slow answer of ours is not his fault. */
const STRANGER_MS = 5000;
const ANSWER_MS = 30_000;
/** Of a body: at least so many bytes each so often, or the next answer is ours to give. */
const PACE_MS = 5000;
const PACE_BYTES = 4096;
export const SOCKET_OPTIONS = {
  ...PLAIN_SOCKETS,
  // Each engine would end the other's upgrades if they took a second: IntakeSockets ends those that are nobody's.
  destroyUpgrade: false,
} as const satisfies Partial<ServerOptions>;

/** socket.io would keep ten attachments of a packet until the last is here: no message of ours has more than this. */
export const parserFor = (maxAttachments: number) => ({
  Encoder,
  Decoder: class extends Decoder {
    constructor() {
      super({ maxAttachments });
    }
  },
});

/** How long a connection may last: strangers get seconds, and more once their whole header is here. */
export class ConnectionTimes {
  readonly #timers = new WeakMap<object, NodeJS.Timeout>();

  stranger(socket: EngineSocket): void {
    this.#limit(socket, STRANGER_MS);
  }

  /** From now on the time is ours. */
  answering(socket: EngineSocket): void {
    this.#limit(socket, ANSWER_MS);
  }

  /**
   * A permit is for one upload: when it is over, and an answer to the last commit given, so is the connection.
   * Before that, if nothing comes in while we owe no answer: what is here stays, and can be resumed.
   */
  uploading(socket: EngineSocket, permitMs: number, owesAnswer: () => boolean): void {
    this.#limit(socket, Math.max(0, permitMs) + ANSWER_MS);
    const tcp = socket.request.socket;
    let read = tcp.bytesRead;
    const pace = setInterval(() => {
      if (tcp.bytesRead - read < PACE_BYTES && !owesAnswer()) this.#end(socket);
      read = tcp.bytesRead;
    }, PACE_MS);
    socket.once('close', () => clearInterval(pace));
  }

  /** The one answer is given, whatever it was: a refused stranger is a stranger still. */
  leaving(socket: EngineSocket): void {
    this.#limit(socket, LEAVE_MS);
  }

  #limit(socket: EngineSocket, ms: number): void {
    clearTimeout(this.#timers.get(socket));
    const timer = setTimeout(() => this.#end(socket), ms);
    this.#timers.set(socket, timer);
    socket.once('close', () => clearTimeout(timer));
  }

  #end(socket: EngineSocket): void {
    socket.close(true);
    socket.request.socket.destroy();
  }
}

/** Who may connect: everybody to `/submit`, permit holders to `/upload`, and no more than there is room for. */
export class IntakeSockets extends IoAdapter {
  readonly #servers: Server[] = [];
  readonly #uploading = new WeakMap<Upload, EngineSocket>();
  readonly #counts = { submit: () => 0, upload: () => 0 };

  constructor(
    app: INestApplicationContext,
    private readonly uploads: Uploads,
    private readonly times: ConnectionTimes,
    private readonly room: { readonly maxConnections: number; readonly shed: Shed },
  ) {
    super(app);
    publishSockets(app.get<Registry>(METRICS), () => ({
      submit: this.#counts.submit(),
      upload: this.#counts.upload(),
    }));
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const isUpload = options?.path === UPLOAD_PATH;
    const allowRequest: ServerOptions['allowRequest'] = (request, decide) => {
      if (this.#connections() >= this.room.maxConnections) {
        this.room.shed.count('socket');
        return decide('overloaded', false);
      }
      decide(null, !isUpload || uploadOf(request, this.uploads) !== undefined);
    };
    const server: Server = super.createIOServer(port, { ...options, allowRequest } as ServerOptions);
    this.#counts[isUpload ? 'upload' : 'submit'] = () => server.engine.clientsCount;
    server.engine.on('connection', (socket: EngineSocket) => {
      destroyOnceClosed(socket);
      if (isUpload) this.#takeOver(socket);
      else this.times.stranger(socket);
    });
    if (this.#servers.push(server) === 1) this.httpServer?.on('upgrade', refuseUnknownPath);
    return server;
  }

  /**
   * One connection an upload: a new one takes over from one that may be half dead. Already here, before anything is
   * said on it: else one permit would hold any number of them, each with a chunk in it.
   */
  #takeOver(socket: EngineSocket): void {
    const upload = uploadOf(socket.request, this.uploads);
    if (upload === undefined) return socket.close(true);
    this.#uploading.get(upload)?.close(true);
    this.#uploading.set(upload, socket);
    this.times.uploading(socket, upload.expiresAt - Date.now(), () => upload.isWorking);
  }

  #connections(): number {
    return this.#servers.reduce((sum, { engine }) => sum + engine.clientsCount, 0);
  }
}

/** Both engines leave alone what is not theirs. */
function refuseUnknownPath({ url = '' }: IncomingMessage, socket: Duplex): void {
  // No URL parser: it throws at some of what a stranger may write here.
  const path = url.split('?', 1)[0];
  if (![SUBMIT_PATH, UPLOAD_PATH].some((ours) => path === ours || path === `${ours}/`)) socket.destroy();
}

/** The live upload whose permit a request to `/upload` carries. */
export function uploadOf(request: Pick<IncomingMessage, 'url'>, uploads: Uploads): Upload | undefined {
  const permit = new URLSearchParams(request.url?.split('?', 2)[1]).get('permit') ?? '';
  try {
    return uploads.find(decodePermit(Buffer.from(permit, 'hex')));
  } catch {
    return undefined;
  }
}
