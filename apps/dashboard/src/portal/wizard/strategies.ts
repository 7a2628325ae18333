import { useQuery } from '@tanstack/react-query';

import { BOOK } from '#learning';
import type { StrategyView } from '#protocol';

import { ask } from '../../coordinator.js';

/** When somebody would take it, and its paper on arXiv. */
const MEANINGS: Readonly<Record<string, readonly [meaning: string, paper: string]>> = {
  FedAvg: ['The plain mean of the updates. Begin here.', '1602.05629'],
  FedAvgM: ['The mean, with momentum on the server: steadier where devices differ.', '1909.06335'],
  FedAdam: ['Adam on the server: faster where gradients are sparse, with a rate to tune.', '2003.00295'],
  FedYogi: ['As FedAdam, with a step size that grows less at once.', '2003.00295'],
  FedAdagrad: ['Adagrad on the server: rates that only go down.', '2003.00295'],
  FedProx: ['The mean; devices are pulled back to the model by μ while they train.', '1812.06127'],
  FedBuff: ['Asynchronous: updates for older models count, less the staler they are.', '2106.06639'],
  QFedAvg: ['Weighs devices by their loss, so that none is left far behind.', '1905.10497'],
  FedMedian: ['The median of each coordinate: bears a minority of arbitrary updates.', '1803.01498'],
  FedTrimmedAvg: ['The mean without the largest and smallest share β of each coordinate.', '1803.01498'],
  Krum: ['The one update that is nearest to its neighbours.', '1703.02757'],
  MultiKrum: ['The mean of the updates that Krum likes best.', '1703.02757'],
  Bulyan: ['MultiKrum, then a trimmed mean: the strictest, and needs many devices.', '1802.07927'],
  GeometricMedian: ['The point nearest to all updates: bears just under half arbitrary ones.', '1912.13445'],
  NormBoundedMean: ['The mean of updates cut to a bound on their length.', '1911.07963'],
};

export interface ListedStrategy {
  readonly name: string;
  readonly meaning: string;
  /** address of the paper */
  readonly paper: string | null;
  readonly options: readonly { readonly name: string; readonly usual: number | null }[];
}

/** Those of this deployment; while the coordinator has not said which, the built-in ones alone. */
export function useStrategies(): readonly ListedStrategy[] {
  const { data } = useQuery({
    queryKey: ['strategies'],
    queryFn: ({ signal }) => ask<readonly StrategyView[]>('/v1/strategies', signal),
    staleTime: Infinity,
  });
  return (data ?? BOOK).map(({ name, options }) => {
    const [meaning, paper] = MEANINGS[name] ?? ["One of this deployment's own.", null];
    return {
      name,
      meaning,
      paper: paper && `https://arxiv.org/abs/${paper}`,
      options: Object.entries(options).map(([option, usual]) => ({ name: option, usual: usual ?? null })),
    };
  });
}
