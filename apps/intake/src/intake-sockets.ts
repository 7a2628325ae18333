import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions } from 'socket.io';

import { decodePermit } from '#protocol';

import type { Upload } from './upload.js';
import type { Uploads } from './uploads.js';

export const SUBMIT_PATH = '/submit';
export const UPLOAD_PATH = '/upload';
/** A header, its MAC and the packet around them. socket.io takes ten attachments, so a stranger can park about 20 kB. */
export const SUBMIT_PACKET_BYTES = 2048;
/** The largest chunk and the packet around it. */
export const UPLOAD_PACKET_BYTES = 262_144 + 1024;
/** A stranger who has not opened a submission is cut off after this long; a slow answer of ours is not his fault. */
const STRANGER_MS = 5000;
const ANSWER_MS = 30_000;
/** To read the last answer. One submission a connection: after it there is nothing to say. */
const LEAVE_MS = 1000;

/** WebSocket only, nothing that outlives the connection or tells one from another. */
export const SOCKET_OPTIONS = {
  transports: ['websocket'],
  allowUpgrades: false,
  serveClient: false,
  cookie: false,
  perMessageDeflate: false,
  httpCompression: false,
  // Each engine would end the other's upgrades if they took a second: IntakeSockets ends those that are nobody's.
  destroyUpgrade: false,
  connectTimeout: STRANGER_MS,
  pingInterval: 20_000,
  pingTimeout: 10_000,
} as const satisfies Partial<ServerOptions>;

type EngineSocket = Parameters<Parameters<Server['engine']['on']>[1]>[0];

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

  /** A permit is for one upload: when it is over, and an answer to the last commit given, so is the connection. */
  uploading(socket: EngineSocket, permitMs: number): void {
    this.#limit(socket, Math.max(0, permitMs) + ANSWER_MS);
  }

  /** The answer is given, whatever it was: a refused stranger is a stranger still. */
  leaving(socket: EngineSocket): void {
    this.#limit(socket, LEAVE_MS);
  }

  #limit(socket: EngineSocket, ms: number): void {
    clearTimeout(this.#timers.get(socket));
    const timer = setTimeout(() => {
      socket.close(true);
      socket.request.socket.destroy();
    }, ms);
    this.#timers.set(socket, timer);
    socket.once('close', () => clearTimeout(timer));
  }
}

/** Who may connect: everybody to `/submit`, permit holders to `/upload`, and no more than there is room for. */
export class IntakeSockets extends IoAdapter {
  readonly #servers: Server[] = [];

  constructor(
    app: INestApplicationContext,
    private readonly uploads: Uploads,
    private readonly times: ConnectionTimes,
    private readonly maxConnections: number,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const isUpload = options?.path === UPLOAD_PATH;
    const allowRequest: ServerOptions['allowRequest'] = (request, decide) => {
      if (this.#connections() >= this.maxConnections) return decide('overloaded', false);
      decide(null, !isUpload || uploadOf(request, this.uploads) !== undefined);
    };
    const server: Server = super.createIOServer(port, { ...options, allowRequest } as ServerOptions);
    server.engine.on('connection', (socket: EngineSocket) => {
      destroyOnceClosed(socket);
      if (!isUpload) return this.times.stranger(socket);
      const upload = uploadOf(socket.request, this.uploads);
      this.times.uploading(socket, (upload?.expiresAt ?? 0) - Date.now());
    });
    if (this.#servers.push(server) === 1) this.httpServer?.on('upgrade', refuseUnknownPath);
    return server;
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

/** Closing a WebSocket waits half a minute for the other side to agree. Who was closed has a moment to read why. */
function destroyOnceClosed(socket: EngineSocket): void {
  const tcp = socket.request.socket;
  socket.once('close', () => {
    const timer = setTimeout(() => tcp.destroy(), LEAVE_MS);
    tcp.once('close', () => clearTimeout(timer));
  });
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
