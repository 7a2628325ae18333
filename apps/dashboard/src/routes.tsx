import { createHashRouter } from 'react-router';

import { OverviewPage } from './overview/overview-page.js';
import { Shell } from './shell/shell.js';

/** Behind #, so that the page works under any prefix and no server's log has what is in an address. */
export const router = createHashRouter([
  {
    element: <Shell />,
    children: [{ path: '/', element: <OverviewPage /> }],
  },
]);
