import { useRouteError } from 'react-router';

import { Trouble } from '../notices.js';

/** A page that could not be loaded or broke; the others still work. */
export function BrokenPage() {
  const error = useRouteError();
  const why = error instanceof Error ? error.message : 'No reason was given.';
  return (
    <Trouble
      title="This page could not be shown"
      problem={`${why} Rounds run on without it. A new version may have been installed: load the page again.`}
      retry={() => location.reload()}
    />
  );
}
