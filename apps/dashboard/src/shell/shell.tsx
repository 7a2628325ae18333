import { RouterProvider } from 'react-aria-components';
import { Outlet, useHref, useNavigate } from 'react-router';

import { SessionNotice } from '../session/session-notice.js';
import { Navigation } from './navigation.js';
import { PageHeader } from './page-header.js';
import { useThemeSwitch } from './theme-provider.js';

/** What every page has: a header, the way to the others, and a place for its own. */
export function Shell() {
  const { theme, toggle } = useThemeSwitch();
  const navigate = useNavigate();
  return (
    <RouterProvider navigate={(to) => void navigate(to)} useHref={useHref}>
      <a className="skip-link" href="#content" onClick={skip}>
        Skip to the content
      </a>
      <PageHeader theme={theme} toggleTheme={toggle} />
      <Navigation />
      <main className="page" id="content" tabIndex={-1}>
        <SessionNotice />
        <Outlet />
      </main>
    </RouterProvider>
  );
}

/** By hand: what is behind # in the address says which page is shown. */
function skip(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}
