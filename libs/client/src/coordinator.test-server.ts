import { randomUUID } from 'node:crypto';

import { bytesToHex } from '@noble/hashes/utils.js';
import { Server } from 'socket.io';

import { decodeRoundRecord, ProtocolError } from '#protocol';

import type { TestDeployment } from './deployment.test-server.js';
import { TestHttpServer, type SeenRequest } from './http.test-server.js';
import { nodeHashes } from './node/node-hashes.js';

/** A coordinator in memory: one open round at most, and the namespace `/events`. */
export class TestCoordinator {
  http!: TestHttpServer;
  #events!: Server;
  #round: { readonly record: Uint8Array; readonly openedAt: number } | undefined;
  /** announced instead of the record's own id */
  otherRoundId: string | undefined;
  /** bytes served instead of the model */
  otherModel: Uint8Array | undefined;

  /** signs the manifest that this function returns */
  manifestBytes: () => Uint8Array;

  private constructor(private readonly deployment: TestDeployment) {
    this.manifestBytes = () => deployment.manifestBytes;
  }

  static async start(deployment: TestDeployment): Promise<TestCoordinator> {
    const coordinator = new TestCoordinator(deployment);
    coordinator.http = await TestHttpServer.start((request) => coordinator.#handle(request));
    coordinator.#events = new Server(coordinator.http.server, { transports: ['websocket'] });
    coordinator.#events.of('/events');
    return coordinator;
  }

  get record(): Uint8Array | undefined {
    return this.#round?.record;
  }

  /** Opens a round that is in the log; the one before it ends without a result, unless it was published. */
  open(record: Uint8Array): void {
    this.#abandon();
    this.deployment.log.add({ kind: 'round', record });
    this.openUnlogged(record);
  }

  /** For this device alone: nobody else will ever hear of it. */
  openUnlogged(record: Uint8Array): void {
    this.#round = { record, openedAt: Date.now() };
    this.#events.of('/events').emit('round:opened', { id: this.#roundId() });
  }

  /** Announces bytes that need not be a record. */
  openBytes(record: Uint8Array): void {
    this.#round = { record, openedAt: Date.now() };
  }

  shut(): void {
    this.#round = undefined;
  }

  /** Ends the open round with these updates. */
  publish(headers: readonly Uint8Array[], modelOut: Uint8Array = this.deployment.modelDigest): void {
    this.deployment.log.end(this.#ending()!, { headers, modelOut });
    this.deployment.modelDigest = modelOut;
    this.#round = undefined;
  }

  /** Ends the open round, which measures, with the figures of these. */
  publishFigures(headers: readonly Uint8Array[]): void {
    this.deployment.log.end(this.#ending()!, { headers });
    this.#round = undefined;
  }

  #abandon(): void {
    const ending = this.#ending();
    if (ending !== undefined) this.deployment.log.end(ending);
  }

  #ending(): { recordDigest: Uint8Array; roundId: Uint8Array } | undefined {
    const record = this.#round?.record;
    if (record === undefined || record.length < 100) return undefined;
    return { recordDigest: nodeHashes.sha256(record), roundId: decodeRoundRecord(record).roundId };
  }

  async close(): Promise<void> {
    await this.#events.close();
    await this.http.close().catch(() => undefined);
  }

  #roundId(): string {
    const { record } = this.#round!;
    if (record.length < 100) return randomUUID();
    const hex = bytesToHex(decodeRoundRecord(record).roundId);
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  #handle({ path }: SeenRequest): object | Uint8Array {
    if (path === `/v1/use-cases/${this.deployment.manifest.useCase}/round`) {
      if (this.#round === undefined) throw new ProtocolError('no_open_round', 'none is open');
      const { record, openedAt } = this.#round;
      return {
        roundId: this.otherRoundId ?? this.#roundId(),
        record: bytesToHex(record),
        openForMs: Date.now() - openedAt,
      };
    }
    const answer = this.deployment.log.answer(path);
    if (answer !== undefined) return answer;
    if (path === `/v1/use-cases/${this.deployment.manifest.useCase}/manifest`) {
      const bytes = this.manifestBytes();
      return { manifest: bytesToHex(bytes), signature: bytesToHex(this.deployment.sign(bytes)) };
    }
    const model = this.deployment.models.get(path.replace('/v1/models/', ''));
    if (model === undefined) throw new ProtocolError('not_found', path);
    return this.otherModel ?? model;
  }
}
