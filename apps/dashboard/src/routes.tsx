import { lazy, Suspense, type ComponentType } from 'react';
import { createHashRouter } from 'react-router';

import { Loading } from './notices.js';
import { BrokenPage } from './shell/broken-page.js';
import { Shell } from './shell/shell.js';

const AGAIN_MS = 2000;

let pages = 0;

/** Loaded when somebody goes there, which is seen at once: without a key the page before would stay until then. */
function page(load: () => Promise<ComponentType>) {
  const Page = lazy(async () => ({ default: await onceAnswered(load) }));
  return (
    <Suspense key={pages++} fallback={<Loading what="Loading this page…" />}>
      <Page />
    </Suspense>
  );
}

/** While nobody answers it waits. Browsers remember that a file could not be had, so it is this page that is loaded again then. */
async function onceAnswered<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    // It answers, and does not have this page: that is another matter.
    if (await isAnswered()) throw error;
    do await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    while (!(await isAnswered()));
    location.reload();
    return new Promise(() => undefined);
  }
}

const isAnswered = (): Promise<boolean> =>
  fetch('/v1/session', { cache: 'no-store' }).then(
    () => true,
    () => false,
  );

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
