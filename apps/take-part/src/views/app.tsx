import { useSyncExternalStore } from 'react';

import type { TakePart } from '../device/take-part.js';
import { Consent } from './consent.js';
import { Joined } from './joined.js';
import { Stopped } from './stopped.js';

export function App({ takePart }: { readonly takePart: TakePart }) {
  const state = useSyncExternalStore(takePart.subscribe, takePart.state);
  const { phase, terms, problem } = state;
  return (
    <>
      <header className="page-header">
        <div className="page wordmark">
          <svg className="flock" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
            <path d="M3 8q3-4 5 0q2-4 5 0M11 15q3-4 5 0q2-4 5 0" />
          </svg>
          Starling
        </div>
      </header>
      <main className="page" aria-busy={phase === 'loading' || phase === 'enrolling'}>
        {phase === 'loading' && <Notice title="Reading the rules of this task …" />}
        {phase === 'enrolling' && (
          <Notice
            title="Joining …"
            text="This device makes itself a key, and fetches tokens that nobody can tell apart."
          />
        )}
        {phase === 'stopped' && problem !== undefined && (
          <Stopped takePart={takePart} state={state} problem={problem} />
        )}
        {phase === 'left' && (
          <Notice
            title="You have left"
            text="Key, tokens, examples and history are gone from this browser. Updates that were sent have no name on them and cannot be called back."
          />
        )}
        {phase === 'consent' && terms !== undefined && <Consent terms={terms} onAgree={takePart.agree} />}
        {phase === 'joined' && terms !== undefined && <Joined takePart={takePart} state={state} terms={terms} />}
      </main>
    </>
  );
}

function Notice({ title, text }: { title: string; text?: string }) {
  return (
    <section className="card notice" role="status">
      <h1>{title}</h1>
      {text !== undefined && <p className="muted">{text}</p>}
    </section>
  );
}
