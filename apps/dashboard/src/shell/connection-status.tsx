import { clock } from '../figures.js';
import type { Connection } from '../rounds/rounds-state.js';

export function ConnectionStatus({ connection }: { connection: Connection }) {
  return (
    <p className="connection" data-state={connection.state} role="status">
      <span className="connection-dot" aria-hidden="true" />
      {connection.state === 'live' && 'Live'}
      {connection.state === 'connecting' && 'Connecting'}
      {connection.state === 'lost' && `Reconnecting since ${clock(connection.since)}`}
    </p>
  );
}
