import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ClientError, headReply, LogView, LogWitness } from '#client';
import { nodePlatform } from '#client/node';
import { readOrCreateSecret } from '#process';

import { withoutSlash } from '../find-coordinator.js';
import { Lifetime } from '../lifetime.js';
import { print } from '../output/print.js';
import { renderFacts } from '../output/table.js';

export interface WitnessOptions {
  readonly url: string;
  readonly logKey: string;
  readonly audience: string;
  readonly store: string;
  readonly host: string;
  readonly port: number;
  readonly interval: number;
  readonly json?: boolean;
}

/** A witness until it is stopped. */
export async function runWitness(options: WitnessOptions): Promise<void> {
  await new Lifetime().run(async (lifetime) => {
    const directory = resolve(options.store);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const platform = nodePlatform({ directory });
    lifetime.atEnd(async () => platform.close());
    const identity = { audience: options.audience, logKey: Buffer.from(options.logKey, 'hex') };
    const address = { coordinator: withoutSlash(options.url) };
    // It believes no use case's leaves in particular: it follows all of them.
    const log = await LogView.of(platform, { address, identity, useCase: '' });
    const witness = new LogWitness(log, await readOrCreateSecret(join(directory, 'witness.key'), 32));
    const server = await serve(witness, options);
    lifetime.atEnd(() => new Promise((closed) => server.close(() => closed())));
    const { port } = server.address() as AddressInfo;
    const publicKey = Buffer.from(witness.publicKey).toString('hex');
    print(options, { port, publicKey }, () =>
      renderFacts([
        ['witness', `http://${options.host}:${port}`],
        ['devices pin', publicKey],
      ]),
    );
    await follow(witness, { directory, lifetime, interval: options.interval });
  });
}

/** The one address that devices ask; no head before the log was read once. */
async function serve(witness: LogWitness, { host, port }: WitnessOptions): Promise<Server> {
  const server = createServer((request, response) => {
    const head = request.method === 'GET' && request.url === '/v1/log/head' ? witness.head : undefined;
    const answer =
      head === undefined ? { code: 'overloaded', message: 'No head was cosigned yet: ask again.' } : headReply(head);
    response.writeHead(head === undefined ? 503 : 200, {
      'content-type': 'application/json',
      'cache-control': 'no-cache',
    });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, host, listening);
  });
  return server;
}

interface Following {
  readonly directory: string;
  readonly lifetime: Lifetime;
  readonly interval: number;
}

async function follow(witness: LogWitness, { directory, lifetime, interval }: Following): Promise<void> {
  let told: string | undefined;
  for (;;) {
    const trouble = await witness.follow().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (trouble !== undefined && !(trouble instanceof ClientError)) throw trouble;
    if (trouble !== undefined && trouble.message !== told) {
      process.stderr.write(`${trouble.code}: ${trouble.message}\n`);
      if (trouble.code === 'split_view') await keepEvidence(directory, trouble);
    }
    told = trouble?.message;
    await sleep(interval, undefined, { signal: lifetime.signal });
  }
}

/** The signed heads that cannot both be of one log: whoever has the log's key can check them. */
async function keepEvidence(directory: string, { message, heads }: ClientError): Promise<void> {
  const evidence = { message, heads: heads.map(headReply) };
  await writeFile(join(directory, `split-view-${Date.now()}.json`), `${JSON.stringify(evidence, undefined, 2)}\n`);
}
