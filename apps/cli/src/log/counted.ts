import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { auditStore, CountedProof, verifyCounted, type AuditedRound } from '#client';
import { nodeHashes, nodePlatform } from '#client/node';
import { decodeInfo } from '#protocol';

import { CliError, EXIT } from '../cli-error.js';
import type { TalkOptions } from '../commands/options.js';
import { findCoordinator } from '../find-coordinator.js';
import { jsonOrNothing } from '../json-or-nothing.js';
import { print } from '../output/print.js';
import { renderFacts, renderTable } from '../output/table.js';
import { orCliError } from './client-errors.js';

export interface CountedOptions extends TalkOptions {
  readonly store: string;
  readonly out: string;
}

export interface ProofOptions {
  readonly logKey?: string;
  readonly json?: boolean;
}

/** What became of a device's updates, and the proofs of those that were counted. */
export async function listCounted(options: CountedOptions): Promise<void> {
  const { url } = await findCoordinator(options);
  // Opening it would make it.
  await access(options.store).catch(() => {
    throw new CliError(
      EXIT.failed,
      `There is no folder ${options.store}: --store is where the device keeps its tokens.`,
    );
  });
  const platform = nodePlatform({ directory: options.store });
  const rounds = await orCliError(auditStore(platform, { coordinator: url })).finally(() => platform.close());
  for (const { roundId, proof } of rounds) {
    if (proof === undefined) continue;
    await mkdir(options.out, { recursive: true });
    await writeFile(join(options.out, `${roundId}.json`), `${JSON.stringify(proof, undefined, 2)}\n`);
  }
  print(options, rounds, () => renderRounds(rounds));
}

const renderRounds = (rounds: readonly AuditedRound[]): string =>
  rounds.length === 0
    ? 'No round has ended since the last audit.'
    : renderTable(
        [
          { title: 'ROUND', value: ({ roundId }) => roundId },
          { title: 'EPOCH', value: ({ epoch }) => epoch, right: true },
          { title: 'SLOT', value: ({ slot }) => slot, right: true },
          { title: 'UPDATE', value: ({ outcome }) => outcome.replaceAll('_', ' ') },
        ],
        rounds,
      );

/** Whether a proof holds; exit code 1 where it does not. */
export async function checkProof(file: string, options: ProofOptions): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CliError(EXIT.failed, `${file} cannot be read.`);
  });
  const parsed = CountedProof.safeParse(jsonOrNothing(text));
  if (!parsed.success) throw new CliError(EXIT.failed, `${file} is no proof that an update was counted.`);
  const verdict = verifyCounted(nodeHashes.sha256, parsed.data, options.logKey);
  if (!verdict.holds) {
    print(options, { holds: false, why: verdict.why }, () => `It does not hold: ${verdict.why}.`);
    process.exitCode = EXIT.failed;
    return;
  }
  const { useCase, epoch, slot } = decodeInfo(verdict.header.info);
  const { accepted } = verdict;
  const modelOut = verdict.modelOut && Buffer.from(verdict.modelOut).toString('hex');
  const { logKey } = parsed.data;
  print(options, { holds: true, useCase, epoch, slot, accepted, modelOut, logKey }, () =>
    renderFacts([
      ['counted', `one of ${accepted} updates of ${useCase}, epoch ${epoch}, slot ${slot}`],
      ['model', modelOut ?? 'none: the round measured one'],
      ['log key', `${options.logKey ?? `${logKey}: compare it with the manifest's`}`],
    ]),
  );
}
