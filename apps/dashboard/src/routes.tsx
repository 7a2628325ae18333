import { createHashRouter } from 'react-router';

import { OverviewPage } from './overview/overview-page.js';
import { page } from './portal/lazy-page.js';
import { Shell } from './shell/shell.js';

/** Behind #, so that the page works under any prefix and no server's log has what is in an address. */
export const router = createHashRouter([
  {
    element: <Shell />,
    children: [
      { path: '/', element: <OverviewPage /> },
      { path: '/sign-in', lazy: page('signIn') },
      { path: '/join', lazy: page('join') },
      { path: '/account', lazy: page('account') },
      { path: '/people', lazy: page('people') },
      { path: '/api-keys', lazy: page('apiKeys') },
      { path: '/audit', lazy: page('audit') },
      { path: '/use-cases', lazy: page('useCases') },
      { path: '/use-cases/new', lazy: page('wizard') },
      { path: '/use-cases/:id', lazy: page('useCase') },
    ],
  },
]);
