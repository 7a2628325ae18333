import type { RoundView } from '#protocol';

/** Nothing more will become of it, but that a published round may still get its figures. */
export const hasEnded = ({ state }: Pick<RoundView, 'state'>): boolean =>
  state === 'published' || state === 'abandoned';
