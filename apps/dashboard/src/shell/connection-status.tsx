import { clock } from '../figures.js';
import { usePage } from '../rounds/rounds-provider.js';

export function ConnectionStatus() {
  const connection = usePage((page) => page.connection);
  return (
    <p className="connection" data-state={connection.state} role="status">
      <span className="connection-dot" aria-hidden="true" />
      {connection.state === 'live' && 'Live'}
      {connection.state === 'connecting' && 'Connecting'}
      {connection.state === 'lost' && `Reconnecting since ${clock(connection.since)}`}
    </p>
  );
}
