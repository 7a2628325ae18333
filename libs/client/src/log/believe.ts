import { equalBytes, type ManifestKey } from '#protocol';

import { Backoff, type RetryPolicy } from '../backoff.js';
import { ClientError } from '../errors.js';
import type { OpenRound } from '../open-round.js';
import type { PinnedManifest } from '../pinned-manifest.js';
import type { Platform } from '../platform.js';
import type { ReadLog } from './log-view.js';
import { placesOf, type LoggedRound, type UseCaseHistory } from './use-case-history.js';

/** What is true is in the log with the next head, or the one after it where a witness stands between. */
const PATIENCE: RetryPolicy = { attempts: 6, baseMs: 250, capMs: 2000 };

type Waiting = Pick<Platform, 'clock' | 'random' | 'hashes'>;

/**
 * A manifest is believed when the log has it, and every key it lists.
 *
 * @throws ClientError `unlogged`, and those of `LogView.sync`
 */
export async function believeManifest(platform: Waiting, log: ReadLog, pinned: PinnedManifest): Promise<void> {
  await inLog(platform, log, (history) => missingOf(platform, history, pinned));
}

/**
 * A round is believed when its record is in the log, is the only one of its slot and use, names the
 * latest logged manifest and begins with the last logged result, or with what a restart in the log says of it.
 *
 * @returns false where the log says that it is over
 * @throws ClientError `unlogged`, `bad_round`, and those of `LogView.sync`
 */
export async function believeRound(
  platform: Waiting,
  log: ReadLog,
  { round, pinned }: { readonly round: OpenRound; readonly pinned: PinnedManifest },
): Promise<boolean> {
  const find = ({ rounds }: UseCaseHistory): LoggedRound | undefined =>
    rounds.find(({ recordDigest }) => equalBytes(recordDigest, round.recordDigest));
  await inLog(platform, log, (history) => (find(history) ? undefined : `the record of round ${round.roundId}`));
  const logged = find(log.history)!;
  const expectedModel = logged.expectedModel ?? pinned.manifest.initialModel;
  const rules: readonly (readonly [boolean, string])[] = [
    [placesOf(log.history, logged).length === 1, 'is not the only one of its slot'],
    [equalBytes(logged.modelDigest, expectedModel), 'begins with neither the last result nor a restart'],
    [logged.epoch > (log.history.retiredThrough ?? -1), 'is of a retired epoch'],
  ];
  for (const [holds, what] of rules) {
    if (!holds) throw new ClientError('bad_round', `the round record of ${round.roundId} ${what}`);
  }
  return logged.end === undefined;
}

/**
 * What the log has of the derived keys of an epoch: one list for all devices.
 *
 * @returns SHA-256 of `derivedKeyList`
 * @throws ClientError `unlogged` where it has none, or two; and those of `LogView.sync`
 */
export async function loggedDerivedKeys(platform: Waiting, log: ReadLog, epoch: number): Promise<Uint8Array> {
  const find = ({ derivedKeys }: UseCaseHistory) => derivedKeys.filter((list) => list.epoch === epoch);
  await inLog(platform, log, (history) =>
    find(history).length === 1 ? undefined : `one list of derived keys for epoch ${epoch}`,
  );
  return find(log.history)[0]!.digest;
}

/** Reads the log again for a while: a fact may be a head or two ahead of it. */
async function inLog(
  { clock, random }: Waiting,
  log: ReadLog,
  missing: (history: UseCaseHistory) => string | undefined,
): Promise<void> {
  const backoff = new Backoff(PATIENCE, random);
  for (;;) {
    await syncUnlessEmpty(log);
    const what = missing(log.history);
    if (what === undefined) return;
    const wait = backoff.next();
    if (wait === undefined) throw new ClientError('unlogged', `the public log does not have ${what}`);
    await clock.sleep(wait);
  }
}

/** A log that was just begun has no head for a moment. Where there was one, there is one. */
async function syncUnlessEmpty(log: ReadLog): Promise<void> {
  try {
    await log.sync();
  } catch (error) {
    const isEmpty = error instanceof ClientError && error.refusal?.code === 'not_found' && log.head === undefined;
    if (!isEmpty) throw error;
  }
}

function missingOf({ hashes }: Waiting, history: UseCaseHistory, pinned: PinnedManifest): string | undefined {
  const { version, suite, keys } = pinned.manifest;
  const logged = history.manifests.find((one) => one.version === version);
  if (logged === undefined || !equalBytes(logged.digest, pinned.digest)) return `manifest version ${version}`;
  const isLogged = ({ publicKey, firstEpoch }: ManifestKey): boolean =>
    history.keys.some(
      (key) =>
        key.suite === suite && key.firstEpoch === firstEpoch && equalBytes(key.keyDigest, hashes.sha256(publicKey)),
    );
  const unlogged = keys.find((key) => !isLogged(key));
  return unlogged && `the key from epoch ${unlogged.firstEpoch} on`;
}
