import { FlowProducer, type Queue } from 'bullmq';

import { crashPoint } from '#crash-point';
import { JOB_ID, JOB_SETTINGS, QUEUE, type CloseJob, type EvaluateJob } from '#queue';
import type { BodyStore, ModelStore } from '#storage/bodies';
import type { FinishedRounds, RoundClosing } from '#storage/intake-closed';
import type { Models, RoundResults } from '#storage/rounds';

export interface ReconcilerPorts {
  readonly closing: RoundClosing;
  readonly results: RoundResults;
  readonly models: Models;
  readonly finished: FinishedRounds;
  readonly bodies: BodyStore & { olderThan(before: number): AsyncIterable<Uint8Array> };
  readonly modelFiles: Pick<ModelStore, 'sweep'>;
  readonly closeQueue: Pick<Queue<CloseJob>, 'add'>;
  readonly publishQueue: Pick<Queue, 'getJob'>;
  readonly evaluateQueue: Pick<Queue<EvaluateJob>, 'add'>;
  readonly flows: Pick<FlowProducer, 'add'>;
}

/** A file that nothing names and nobody has written to for this long was left by an upload that came to nothing. */
const ORPHAN_MS = 2 * 3_600_000;
const DELETE_AT_ONCE = 64;

/** Asks the queue for what the tables say is to be done. Jobs are hints: asking twice is harmless, losing one too. */
export class Reconciler {
  constructor(private readonly ports: ReconcilerPorts) {}

  async run(): Promise<void> {
    const { closing, closeQueue, results } = this.ports;
    for (const roundId of await closing.due()) {
      await closeQueue.add('close', { roundId }, { ...JOB_SETTINGS, jobId: JOB_ID.close({ roundId }) });
    }
    for (const { id } of await results.frozen()) await this.askToFold(id);
    await this.askToEvaluate();
    await this.#deleteBodies();
  }

  /** A flow: publishing waits for its shards. Not asked for again while it is in the queue. */
  async askToFold(roundId: string): Promise<void> {
    const { results, publishQueue, flows } = this.ports;
    const jobId = JOB_ID.publish({ roundId });
    if ((await publishQueue.getJob(jobId)) !== undefined) return;
    const round = await results.find(roundId);
    if (round === undefined) return;
    await flows.add({
      name: 'publish',
      queueName: QUEUE.publish,
      data: { roundId },
      opts: { ...JOB_SETTINGS, jobId },
      children: Array.from({ length: round.shards }, (_, shard) => ({
        name: 'fold',
        queueName: QUEUE.fold,
        data: { roundId, shard },
        opts: { ...JOB_SETTINGS, jobId: JOB_ID.fold({ roundId, shard }), failParentOnFailure: true },
      })),
    });
  }

  async askToEvaluate(): Promise<void> {
    await this.ports.models.giveUpMeasuring();
    for (const { useCase, version } of await this.ports.models.unevaluated()) {
      const jobId = JOB_ID.evaluate({ useCase, version });
      await this.ports.evaluateQueue.add('evaluate', { useCase, version }, { ...JOB_SETTINGS, jobId });
    }
  }

  /** Single updates live no longer than their round. */
  async #deleteBodies(): Promise<void> {
    const { finished, bodies } = this.ports;
    for (const roundId of await finished.withBodies()) {
      const ids = await finished.bodiesOf(roundId);
      for (let i = 0; i < ids.length; i += DELETE_AT_ONCE) {
        await Promise.all(ids.slice(i, i + DELETE_AT_ONCE).map((id) => bodies.delete(id)));
        crashPoint('worker-deleting-bodies');
      }
      await finished.markDeleted(roundId);
    }
  }

  /** Deletes files of uploads that were never committed, of sums that lost a race, and what killed processes left half written. */
  async collectGarbage(now: number): Promise<void> {
    const { finished, bodies, modelFiles } = this.ports;
    await modelFiles.sweep(now - ORPHAN_MS);
    const old: Uint8Array[] = [];
    for await (const id of bodies.olderThan(now - ORPHAN_MS)) old.push(id);
    for (const id of await finished.unreferenced(old)) await bodies.delete(id);
  }
}
