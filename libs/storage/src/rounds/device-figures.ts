import { meanFigures } from '#learning';
import type { DeviceFigures } from '#protocol';

/** What row `r` published of a model that devices measured; null where there is nothing. */
export interface FigureColumns {
  readonly loss: number;
  readonly accuracy: number;
  readonly bound: number;
  readonly devices: number;
}

export const SUMS_OF_FIGURES = `
  case when r.loss_sum is not null
    then jsonb_build_object('loss', r.loss_sum, 'accuracy', r.accuracy_sum, 'bound', r.loss_bound, 'devices', r.accepted)
  end as figures`;

export function onDevices(figures: FigureColumns | null): DeviceFigures | null {
  if (figures === null) return null;
  const { bound, devices, ...sums } = figures;
  return { ...meanFigures(sums, bound, devices), devices };
}
