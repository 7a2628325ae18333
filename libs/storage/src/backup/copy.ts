import { once } from 'node:events';
import { PassThrough } from 'node:stream';

import type pg from 'pg';

/** pg lets an object of ours talk to the connection while it is this query's turn; these are the parts that COPY needs. */
interface CopyConnection extends pg.Connection {
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** What pg tells a query of, and COPY has no use for. */
abstract class Copy {
  constructor(private readonly text: string) {}

  submit(connection: pg.Connection): void {
    connection.query(this.text);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
}

/** `COPY … TO STDOUT`: rows as PostgreSQL writes them, as slowly as they are read. */
export function copyOut(client: pg.ClientBase, text: string): AsyncIterable<Uint8Array> {
  const rows = new PassThrough();
  class CopyOut extends Copy {
    handleCopyData({ chunk }: { readonly chunk: Uint8Array }, connection: CopyConnection): void {
      const isFull = !rows.write(Buffer.from(chunk)); // a copy: pg uses the memory again
      if (!isFull) return;
      connection.stream.pause();
      rows.once('drain', () => connection.stream.resume());
    }
    handleError(error: Error): void {
      rows.destroy(error);
    }
    handleReadyForQuery(): void {
      rows.end();
    }
  }
  client.query(new CopyOut(text));
  return rows;
}

/** `COPY … FROM STDIN`: all chunks or, when they or the database fail, none. */
export function copyIn(client: pg.ClientBase, text: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  return new Promise((resolve, reject) => {
    let failed: Error | undefined;
    class CopyIn extends Copy {
      handleCopyInResponse(connection: CopyConnection): void {
        this.#send(connection).catch((error: Error) => {
          failed ??= error;
          connection.sendCopyFail('its source failed');
        });
      }
      async #send(connection: CopyConnection): Promise<void> {
        for await (const chunk of chunks) {
          if (failed !== undefined) return;
          connection.sendCopyFromChunk(chunk);
          if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain');
        }
        connection.endCopyFrom();
      }
      handleError(error: Error): void {
        failed ??= error;
        reject(failed);
      }
      handleReadyForQuery(): void {
        resolve();
      }
    }
    client.query(new CopyIn(text));
  });
}
