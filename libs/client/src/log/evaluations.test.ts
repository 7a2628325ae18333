import { beforeEach, describe, expect, it } from '@jest/globals';

import { decodeRoundRecord, type EvaluationLeaf, type LogLeaf, type ResultLeaf } from '#protocol';

import { TestDeployment } from '../deployment.test-server.js';
import { nodeHashes } from '../node/node-hashes.js';
import { stalenessOf } from '../staleness.js';
import { advance, EMPTY_HISTORY, type UseCaseHistory } from './use-case-history.js';

const sha256 = (bytes: Uint8Array): Uint8Array => nodeHashes.sha256(bytes);
const EVALUATION = { evaluation: { lossBound: 2 } };

let deployment: TestDeployment;
beforeEach(() => {
  deployment = new TestDeployment();
});

/** What a device makes of these leaves, after the manifest's. */
function historyOf(leaves: readonly LogLeaf[]): UseCaseHistory {
  const { manifestDigest: digest } = deployment;
  const manifest = { kind: 'manifest', useCase: 'digits', version: 1, digest, signature: new Uint8Array(64) } as const;
  return [manifest, ...leaves].reduce<UseCaseHistory>(
    (history, leaf, position) => advance(history, leaf, { useCase: 'digits', position, sha256 }),
    EMPTY_HISTORY,
  );
}

const round = (slot: number, changes: object = {}): LogLeaf & { kind: 'round' } => ({
  kind: 'round',
  record: deployment.record(5, slot, changes),
});
const endOf = ({ record }: { record: Uint8Array }) => ({
  recordDigest: sha256(record),
  acceptedRoot: new Uint8Array(32),
  accepted: 3,
  epsilonMicros: null,
});
const result = (of: { record: Uint8Array }, modelOut: Uint8Array): ResultLeaf => ({
  kind: 'result',
  ...endOf(of),
  aggregateDigest: new Uint8Array(32),
  modelOut,
});
const figures = (of: { record: Uint8Array }, changes: object = {}): EvaluationLeaf => ({
  kind: 'evaluation',
  ...endOf(of),
  lossSum: 3000,
  accuracySum: 0,
  ...changes,
});

describe('rounds that measure, in the log', () => {
  // Kills: figures taken for a model; an evaluation that makes every update one version staler.
  it('[EVL11] end without a model: the next round begins with the last result', () => {
    const modelOut = deployment.addModel(1);
    const [trains, measures] = [round(0), round(1, { ...EVALUATION, modelDigest: modelOut })];
    const next = round(2, { modelDigest: modelOut });
    const history = historyOf([trains, result(trains, modelOut), measures, figures(measures), next]);
    expect(history.faults).toEqual([]);
    expect(history.model).toEqual(modelOut);
    expect(history.rounds.map(({ end }) => end)).toEqual(['published', 'evaluated', undefined]);
    expect(history.rounds.map(({ isEvaluation }) => isEvaluation)).toEqual([undefined, true, undefined]);
    const recorded = ({ record }: { record: Uint8Array }) => ({ recordDigest: sha256(record) });
    expect(stalenessOf(history, recorded(trains), recorded(next))).toBe(1);
    expect(stalenessOf(history, recorded(measures), recorded(next))).toBe(0);
  });

  it.each<[string, object, (of: { record: Uint8Array }) => LogLeaf]>([
    ['a model made by a round that measures one', EVALUATION, (of) => result(of, deployment.modelDigest)],
    ['figures of a round that trains', {}, (of) => figures(of)],
    ['figures that so many devices cannot find', EVALUATION, (of) => figures(of, { accuracySum: 3001 })],
    ['a result of fewer updates than promised', EVALUATION, (of) => figures(of, { accepted: 1, lossSum: 0 })],
    ['a result of more updates than tokens', EVALUATION, (of) => figures(of, { accepted: 101 })],
  ])('[EVL11] whoever reads the log finds %s', (what, terms, end) => {
    const announced = round(0, terms);
    expect(historyOf([announced, end(announced)]).faults).toEqual([{ position: 2, what }]);
  });

  it('[EVL11] of a model that is not the last result only where a restart says so of them', () => {
    const [modelOut, older] = [deployment.addModel(1), deployment.modelDigest];
    const trains = round(0);
    const measures = round(1, { ...EVALUATION, modelDigest: older });
    const { roundId } = decodeRoundRecord(measures.record);
    const restart = { kind: 'restart', useCase: 'digits', roundId, modelDigest: older } as const;
    const before = [trains, result(trains, modelOut)];
    expect(historyOf([...before, restart, measures]).faults).toEqual([]);
    const what = 'a round that begins with neither the last result nor a restart';
    expect(historyOf([...before, measures]).faults).toEqual([{ position: 3, what }]);
  });
});
