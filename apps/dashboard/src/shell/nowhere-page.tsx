import { Link } from 'react-router';

import { Notice } from '../notices.js';

export function NowherePage() {
  return (
    <Notice title="There is no such page">
      <p>
        The address may have been cut off. <Link to="/">The overview</Link> has the way to everything.
      </p>
    </Notice>
  );
}
