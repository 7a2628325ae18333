import { lazy, type ComponentType } from 'react';
import { createHashRouter } from 'react-router';

import { BrokenPage } from './shell/broken-page.js';
import { Shell } from './shell/shell.js';

/** Loaded when somebody goes there. */
function page(load: () => Promise<ComponentType>) {
  const Page = lazy(async () => ({ default: await load() }));
  return <Page />;
}

/** Behind #, so that the page works under any prefix and no server's log has what is in an address. */
export const router = createHashRouter([
  {
    element: <Shell />,
    children: [
      {
        errorElement: <BrokenPage />,
        children: [
          { path: '/', element: page(async () => (await import('./overview/overview-page.js')).OverviewPage) },
          { path: '/rounds/:id', element: page(async () => (await import('./round/round-page.js')).RoundPage) },
          { path: '/models', element: page(async () => (await import('./models/models-page.js')).ModelsPage) },
          { path: '/log', element: page(async () => (await import('./log/log-page.js')).LogPage) },
          {
            path: '/operations',
            element: page(async () => (await import('./operations/operations-page.js')).OperationsPage),
          },
          { path: '*', element: page(async () => (await import('./shell/nowhere-page.js')).NowherePage) },
        ],
      },
    ],
  },
]);
