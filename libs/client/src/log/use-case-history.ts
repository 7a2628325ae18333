import { FIGURES_SHAPE } from '#learning';
import type { Sha256 } from '#transparency';
import {
  decodeInfo,
  decodeRoundRecord,
  equalBytes,
  type AbandonmentLeaf,
  type EvaluationLeaf,
  type LogLeaf,
  type ManifestLeaf,
  type ResultLeaf,
} from '#protocol';

/** A manifest the log has. */
export interface LoggedManifest {
  readonly version: number;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly position: number;
}

export interface LoggedKey {
  readonly suite: string;
  readonly keyDigest: Uint8Array;
  readonly firstEpoch: number;
  /** last epoch it is good for, once it is retired */
  readonly lastEpoch?: number | undefined;
}

export interface LoggedRound {
  /** of its leaf */
  readonly position: number;
  readonly recordDigest: Uint8Array;
  readonly roundId: Uint8Array;
  readonly epoch: number;
  readonly slot: number;
  readonly useNo: number;
  readonly manifestDigest: Uint8Array;
  readonly modelDigest: Uint8Array;
  /** what it must begin with; absent: the manifest's initial model */
  readonly expectedModel?: Uint8Array | undefined;
  readonly min: number;
  readonly issued: number;
  /** it measures its model, and has none of its own to begin the next round with */
  readonly isEvaluation?: true | undefined;
  /** `evaluated`: what devices measured is in the log */
  readonly end?: 'published' | 'evaluated' | 'abandoned' | undefined;
}

/** What contradicts what the log said before. No log that Starling keeps can have one: its tables forbid it. */
export interface Fault {
  /** of the leaf */
  readonly position: number;
  readonly what: string;
}

/** All that the log says of a use case: the same for everybody who has read it to the same leaf. */
export interface UseCaseHistory {
  readonly manifests: readonly LoggedManifest[];
  readonly keys: readonly LoggedKey[];
  readonly derivedKeys: readonly { readonly epoch: number; readonly digest: Uint8Array }[];
  readonly rounds: readonly LoggedRound[];
  /** the last result's */
  readonly model?: Uint8Array | undefined;
  /** what one round begins with instead: the last such leaf */
  readonly restart?: { readonly roundId: Uint8Array; readonly modelDigest: Uint8Array } | undefined;
  /** tokens up to and with this epoch are void */
  readonly retiredThrough?: number | undefined;
  readonly faults: readonly Fault[];
}

export const EMPTY_HISTORY: UseCaseHistory = { manifests: [], keys: [], derivedKeys: [], rounds: [], faults: [] };

/** What a history needs to know of a leaf besides its fields. */
export interface LeafPlace {
  readonly useCase: string;
  readonly position: number;
  readonly sha256: Sha256;
}

/** The history with one more leaf; the same object where the leaf is another use case's. */
export function advance(history: UseCaseHistory, leaf: LogLeaf, place: LeafPlace): UseCaseHistory {
  if ('useCase' in leaf && leaf.useCase !== place.useCase) return history;
  switch (leaf.kind) {
    case 'key': {
      const twice = history.keys.some(({ firstEpoch }) => firstEpoch === leaf.firstEpoch);
      const { suite, keyDigest, firstEpoch } = leaf;
      const keys = [...history.keys, { suite, keyDigest, firstEpoch }];
      return withFaults({ ...history, keys }, place, [[!twice, `a second key from epoch ${firstEpoch} on`]]);
    }
    case 'manifest':
      return addManifest(history, leaf, place);
    case 'derived_keys':
      return { ...history, derivedKeys: [...history.derivedKeys, { epoch: leaf.epoch, digest: leaf.digest }] };
    case 'round':
      return addRound(history, leaf.record, place);
    case 'result':
    case 'evaluation':
    case 'abandonment':
      return endRound(history, leaf, place);
    case 'key_retirement':
      return {
        ...history,
        keys: history.keys.map((key) =>
          equalBytes(key.keyDigest, leaf.keyDigest) ? { ...key, lastEpoch: leaf.lastEpoch } : key,
        ),
      };
    case 'epoch_retirement':
      return { ...history, retiredThrough: Math.max(history.retiredThrough ?? 0, leaf.through) };
    case 'restart':
      return { ...history, restart: { roundId: leaf.roundId, modelDigest: leaf.modelDigest } };
  }
}

function addManifest(history: UseCaseHistory, leaf: ManifestLeaf, place: LeafPlace): UseCaseHistory {
  const { version, digest, signature } = leaf;
  const expected = (history.manifests.at(-1)?.version ?? 0) + 1;
  const manifests = [...history.manifests, { version, digest, signature, position: place.position }];
  return withFaults({ ...history, manifests }, place, [
    [version === expected, `manifest version ${version} where ${expected} comes next`],
  ]);
}

function addRound(history: UseCaseHistory, bytes: Uint8Array, place: LeafPlace): UseCaseHistory {
  const record = decodeRoundRecord(bytes);
  const { useCase, epoch, slot } = decodeInfo(record.info);
  if (useCase !== place.useCase) return history;
  const { roundId, useNo, manifestDigest, modelDigest, min, issued } = record;
  const recordDigest = place.sha256(bytes);
  const { position } = place;
  const fields = { position, recordDigest, roundId, epoch, slot, useNo, manifestDigest, modelDigest, min, issued };
  const round = record.evaluation === undefined ? fields : { ...fields, isEvaluation: true as const };
  const manifest = history.manifests.at(-1);
  const model = baseOf(history, roundId);
  return withFaults({ ...history, rounds: [...history.rounds, { ...round, expectedModel: model }] }, place, [
    [placesOf(history, round).length === 0, `a second record for epoch ${epoch}, slot ${slot}, use ${useNo}`],
    [
      manifest !== undefined && equalBytes(manifest.digest, manifestDigest),
      'a round under another manifest than the latest',
    ],
    [
      model === undefined || equalBytes(model, modelDigest),
      'a round that begins with neither the last result nor a restart',
    ],
    [history.rounds.every(({ end }) => end !== undefined), 'a round announced before the one before it ended'],
    [epoch > (history.retiredThrough ?? -1), `a round in the retired epoch ${epoch}`],
  ]);
}

/** The last result's model, unless the log said of this very round that it begins with another; undefined: the initial one. */
export const baseOf = ({ model, restart }: UseCaseHistory, roundId: Uint8Array): Uint8Array | undefined =>
  restart !== undefined && equalBytes(restart.roundId, roundId) ? restart.modelDigest : model;

const END = { result: 'published', evaluation: 'evaluated', abandonment: 'abandoned' } as const;

function endRound(
  history: UseCaseHistory,
  leaf: ResultLeaf | EvaluationLeaf | AbandonmentLeaf,
  place: LeafPlace,
): UseCaseHistory {
  const round = history.rounds.find(({ recordDigest }) => equalBytes(recordDigest, leaf.recordDigest));
  if (round === undefined) return history;
  const end = END[leaf.kind];
  const rounds = history.rounds.map((one) => (one === round ? ({ ...one, end } as const) : one));
  const model = leaf.kind === 'result' ? leaf.modelOut : history.model;
  return withFaults({ ...history, rounds, model }, place, [
    [round.end === undefined, 'a round that ended twice'],
    [leaf.kind === 'abandonment' || leaf.accepted <= round.issued, 'a result of more updates than tokens'],
    [leaf.kind === 'abandonment' || leaf.accepted >= round.min, 'a result of fewer updates than promised'],
    [leaf.kind !== 'result' || round.isEvaluation !== true, 'a model made by a round that measures one'],
    [leaf.kind !== 'evaluation' || round.isEvaluation === true, 'figures of a round that trains'],
    [leaf.kind !== 'evaluation' || canBeFound(leaf), 'figures that so many devices cannot find'],
  ]);
}

const canBeFound = ({ lossSum, accuracySum, accepted }: EvaluationLeaf): boolean =>
  Math.max(lossSum, accuracySum) <= FIGURES_SHAPE.grid.scale * accepted;

/** Rounds with the same slot and use: a log that is sound has one. */
export const placesOf = (
  { rounds }: UseCaseHistory,
  { epoch, slot, useNo }: Pick<LoggedRound, 'epoch' | 'slot' | 'useNo'>,
): LoggedRound[] => rounds.filter((one) => one.epoch === epoch && one.slot === slot && one.useNo === useNo);

function withFaults(
  history: UseCaseHistory,
  { position }: LeafPlace,
  rules: readonly (readonly [boolean, string])[],
): UseCaseHistory {
  const faults = rules.filter(([holds]) => !holds).map(([, what]) => ({ position, what }));
  return faults.length === 0 ? history : { ...history, faults: [...history.faults, ...faults] };
}
