import type { ModelView } from '#protocol';

import { onDevicesFacts, percent } from './figures.js';
import { renderFacts } from './table.js';

/** All there is to know of one model, a line each. */
export function describeModel(model: ModelView): string {
  const { useCase, version, round, roundId, parent, strategy, encoding, epsilon, leaf } = model;
  return renderFacts([
    ['model', `${useCase}@${version}`],
    ['SHA-256', model.digest],
    ...(round === null ? [['from', 'nowhere: it is the initial model'] as const] : []),
    ...(round === null ? [] : [['round', `${round} (${roundId})`] as const]),
    ...(parent === null ? [] : [['made from', `${useCase}@${parent}`] as const]),
    ['strategy', strategy ?? '–'],
    ['encoding', encoding ?? '–'],
    ...(epsilon === null ? [] : [['ε of all rounds so far', epsilon.toFixed(3)] as const]),
    ['leaf of the log', leaf ?? '–'],
    ['parameters', model.parameters],
    ['accuracy', percent(model.accuracy)],
    ['loss', model.loss?.toFixed(4) ?? '–'],
    ...onDevicesFacts(model.onDevices),
    ['created', model.createdAt],
  ]);
}
