import { Link, useLocation } from 'react-router';

import { aRole } from '../portal/roles.js';
import { useNewsRead, useSession } from './use-session.js';

/** Says what became of the session, where this page did not do it: else buttons just would be gone. */
export function SessionNotice() {
  const { news } = useSession();
  const read = useNewsRead();
  const { pathname } = useLocation();
  if (news === null || pathname === '/sign-in') return null;
  if (news.kind === 'ended') {
    return (
      <div className="banner" role="alert">
        <p>
          <b>You are no longer signed in as {news.name}.</b> Your session has ended. What you were about to change was
          not changed.
        </p>
        <Link className="button" to={`/sign-in?then=${encodeURIComponent(pathname)}`}>
          Sign in again
        </Link>
      </div>
    );
  }
  return (
    <div className="banner" role="alert">
      <p>
        <b>You are {aRole(news.role)} now.</b> An owner changed your role, and with it what you may do.
      </p>
      <button type="button" className="button" onClick={read}>
        Close
      </button>
    </div>
  );
}
