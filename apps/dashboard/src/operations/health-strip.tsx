import { Link } from 'react-router';

import { useOperations } from './use-operations.js';
import { STATE_WORDS } from './process-words.js';

/** Whether the processes are ready, in a line, for who may know. */
export function HealthStrip() {
  const { maySee, data } = useOperations();
  if (!maySee || data === undefined) return null;
  const ailing = data.processes.filter(({ state }) => state !== 'ready');
  return (
    <section className="health-strip" aria-label="Processes">
      <ul>
        {data.processes.map(({ name, state, reason }) => (
          <li key={name} className="health" data-state={state}>
            <span className="health-dot" aria-hidden="true" />
            {name} <span className="muted">{reason ?? STATE_WORDS[state]}</span>
          </li>
        ))}
      </ul>
      <Link to="/operations">{ailing.length === 0 ? 'Operations' : 'See what is wrong'}</Link>
    </section>
  );
}
