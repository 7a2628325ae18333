import type { ComponentType } from 'react';

type Pages = typeof import('./pages.js');

/** A page of the portal as a route's `lazy`. */
export const page = (name: keyof Pages) => async (): Promise<{ Component: ComponentType }> => ({
  Component: (await import('./pages.js'))[name],
});
