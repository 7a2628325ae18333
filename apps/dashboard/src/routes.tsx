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
          { path: '/sign-in', element: page(async () => (await import('./portal/pages.js')).signIn) },
          { path: '/join', element: page(async () => (await import('./portal/pages.js')).join) },
          { path: '/account', element: page(async () => (await import('./portal/pages.js')).account) },
          { path: '/people', element: page(async () => (await import('./portal/pages.js')).people) },
          { path: '/api-keys', element: page(async () => (await import('./portal/pages.js')).apiKeys) },
          { path: '/audit', element: page(async () => (await import('./portal/pages.js')).audit) },
          { path: '/use-cases', element: page(async () => (await import('./portal/pages.js')).useCases) },
          { path: '/use-cases/new', element: page(async () => (await import('./portal/pages.js')).wizard) },
          { path: '/use-cases/:id', element: page(async () => (await import('./portal/pages.js')).useCase) },
          { path: '*', element: page(async () => (await import('./shell/nowhere-page.js')).NowherePage) },
        ],
      },
    ],
  },
]);
