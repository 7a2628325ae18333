import { Link } from 'react-router';

import { useSession } from '../session/use-session.js';

/** Who is signed in, and the way to sign in or out. */
export function AccountMenu() {
  const { account, isKnown } = useSession();
  if (!isKnown) return null;
  if (account === null) {
    return (
      <Link className="account-link" to="/sign-in">
        Sign in
      </Link>
    );
  }
  return (
    <Link className="account-link" to="/account" aria-label={`Account of ${account.name}, ${account.role}`}>
      {account.name}
    </Link>
  );
}
