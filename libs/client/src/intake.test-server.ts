import type { IncomingMessage } from 'node:http';

import { bytesToHex } from '@noble/hashes/utils.js';
import { Server, type ServerOptions, type Socket } from 'socket.io';

import { deriveTokenKeys, tokenHash } from '#credential';
import { encodingOf, FIGURES_BYTES, FiguresCheck } from '#learning';
import {
  decodeHeader,
  decodeRoundRecord,
  encodingOfManifest,
  parameterCount,
  payloadLength as lengthOf,
  ProtocolError,
  receiptMessage,
  SubmitOpen,
  transcript,
  UploadChunk,
} from '#protocol';

import { random, type TestDeployment } from './deployment.test-server.js';
import { TestHttpServer } from './http.test-server.js';
import { nodeHashes } from './node/node-hashes.js';

interface Upload {
  readonly submission: SubmitOpen;
  readonly isEvaluation: boolean;
  readonly chunks: Uint8Array[];
}

export interface SeenHandshake {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly auth: object;
}

// Without destroyUpgrade, each engine leaves the other's connections alone: it would keep a timer on them.
const SERVER_OPTIONS: Partial<ServerOptions> = {
  transports: ['websocket'],
  cookie: false,
  perMessageDeflate: false,
  destroyUpgrade: false,
};

/** An intake in memory: two socket.io engines on one port, and the ways in which answers get lost. */
export class TestIntake {
  http!: TestHttpServer;
  readonly handshakes: SeenHandshake[] = [];
  /** accepted payloads by token hash */
  readonly accepted = new Map<
    string,
    { readonly transcript: string; readonly payload: Uint8Array; readonly receipt: Uint8Array }
  >();
  /** transcripts of all openings, in order */
  readonly opened: string[] = [];
  /** how many answers to lose, by event: the step is done, the connection dies */
  readonly lose: Record<string, number> = {};
  /** how many openings to refuse as overloaded */
  overloaded = 0;
  /** answers this instead of the receipt */
  otherReceipt: Uint8Array | undefined;
  record: () => Uint8Array | undefined;
  readonly #uploads = new Map<string, Upload>();
  #engines: Server[] = [];

  private constructor(
    private readonly deployment: TestDeployment,
    record: () => Uint8Array | undefined,
  ) {
    this.record = record;
  }

  static async start(deployment: TestDeployment, record: () => Uint8Array | undefined): Promise<TestIntake> {
    const intake = new TestIntake(deployment, record);
    intake.http = await TestHttpServer.start(() => ({}));
    const submit = new Server(intake.http.server, { ...SERVER_OPTIONS, path: '/submit', maxHttpBufferSize: 2048 });
    const upload = new Server(intake.http.server, {
      ...SERVER_OPTIONS,
      path: '/upload',
      maxHttpBufferSize: deployment.manifest.chunkBytes + 1024,
      allowRequest: (request, callback) => callback(null, intake.#uploads.has(permitOf(request.url ?? ''))),
    });
    submit.on('connection', (socket) => intake.#serve(socket, { 'submit:open': (payload) => intake.#open(payload) }));
    upload.on('connection', (socket) => {
      const live = intake.#uploads.get(permitOf(socket.request.url ?? ''))!;
      const chunk = (payload: unknown) => intake.#chunk(live, payload);
      intake.#serve(socket, { 'upload:chunk': chunk, 'upload:commit': () => intake.#commit(live) });
    });
    intake.#engines = [submit, upload];
    return intake;
  }

  async close(): Promise<void> {
    for (const engine of this.#engines) await engine.close().catch(() => undefined);
    await this.http.close().catch(() => undefined);
  }

  #serve(socket: Socket, handlers: Record<string, (payload: unknown) => object>): void {
    const { url = '', headers, socket: tcp } = socket.request;
    const { remoteAddress, remotePort } = tcp;
    this.handshakes.push({ url, headers, remoteAddress, remotePort, auth: socket.handshake.auth });
    for (const [event, handle] of Object.entries(handlers)) {
      socket.on(event, (payload: unknown, ack: (answer: object) => void) => {
        const answer = answerTo(handle, payload);
        if ((this.lose[event] ?? 0) === 0) return ack(answer);
        this.lose[event]! -= 1;
        socket.disconnect(true);
      });
    }
  }

  #open(payload: unknown): object {
    const submission = SubmitOpen.parse(payload);
    const id = bytesToHex(nodeHashes.sha256(transcript(submission.header, submission.mac)));
    this.opened.push(id);
    if (this.overloaded > 0) {
      this.overloaded -= 1;
      throw new ProtocolError('overloaded', 'too many at once', 10);
    }
    const { info, token, recordDigest, payloadLength } = decodeHeader(submission.header);
    const record = this.record();
    if (record === undefined) throw new ProtocolError('round_closed', 'no round is open');
    if (bytesToHex(recordDigest) !== bytesToHex(nodeHashes.sha256(record)))
      throw new ProtocolError('stale_model', 'another round');
    const isEvaluation = decodeRoundRecord(record).evaluation !== undefined;
    if (payloadLength !== (isEvaluation ? FIGURES_BYTES : lengthOf(this.deployment.manifest)))
      throw new ProtocolError('wrong_length', `${payloadLength} bytes`);
    const spent = this.accepted.get(bytesToHex(tokenHash(nodeHashes, info, token)));
    if (spent?.transcript === id) return { ok: true, receipt: this.otherReceipt ?? spent.receipt };
    if (spent !== undefined) throw new ProtocolError('token_spent', 'for another update');
    this.#checkMac(submission);
    const permit = random(56);
    this.#uploads.set(bytesToHex(permit), { submission, isEvaluation, chunks: [] });
    return { ok: true, permit, chunkBytes: this.deployment.manifest.chunkBytes, nextIndex: 0 };
  }

  #checkMac({ header, mac }: SubmitOpen): void {
    const expected = nodeHashes.hmacSha256(this.#keys(header).macKey, header);
    if (bytesToHex(expected) !== bytesToHex(mac)) throw new ProtocolError('invalid_token', 'the MAC does not hold');
  }

  #keys(header: Uint8Array) {
    const { info, token } = decodeHeader(header);
    const { suite, primaryKey } = this.deployment;
    return deriveTokenKeys(nodeHashes, suite.evaluateInput(suite.deriveKeyPair(primaryKey, info), token), info);
  }

  #chunk({ chunks }: Upload, payload: unknown): object {
    const { index, bytes } = UploadChunk.parse(payload);
    if (index !== chunks.length) throw new ProtocolError('malformed_message', `expected chunk ${chunks.length}`);
    chunks.push(Uint8Array.from(bytes));
    return { ok: true, nextIndex: chunks.length };
  }

  #commit({ submission: { header, mac }, isEvaluation, chunks }: Upload): object {
    const { info, token, payloadDigest } = decodeHeader(header);
    const payload = Uint8Array.from(Buffer.concat(chunks));
    if (bytesToHex(nodeHashes.sha256(payload)) !== bytesToHex(payloadDigest))
      throw new ProtocolError('digest_mismatch', 'no');
    const { manifest } = this.deployment;
    const encoding = encodingOf(encodingOfManifest(manifest), parameterCount(manifest));
    const grid = { scale: manifest.scale, clip: manifest.clipMicros / 1e6 };
    const check = isEvaluation ? new FiguresCheck() : encoding.check(grid);
    check.push(payload);
    check.finish();
    const receipt = nodeHashes.hmacSha256(this.#keys(header).receiptKey, receiptMessage(nodeHashes.sha256(header)));
    if (this.accepted.has(bytesToHex(tokenHash(nodeHashes, info, token))))
      throw new ProtocolError('token_spent', 'meanwhile');
    const id = bytesToHex(nodeHashes.sha256(transcript(header, mac)));
    this.accepted.set(bytesToHex(tokenHash(nodeHashes, info, token)), { transcript: id, payload, receipt });
    return { ok: true, receipt: this.otherReceipt ?? receipt };
  }
}

const permitOf = (url: string): string => new URL(url, 'http://intake').searchParams.get('permit') ?? '';

function answerTo(handle: (payload: unknown) => object, payload: unknown): object {
  try {
    return handle(payload);
  } catch (error) {
    const refusal =
      error instanceof ProtocolError ? error.toRefusal() : { code: 'malformed_message', message: String(error) };
    return { ok: false, ...refusal };
  }
}
