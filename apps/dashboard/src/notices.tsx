import type { ReactNode } from 'react';

import type { UseCase } from './rounds/rounds-state.js';

export function LoadingNotice() {
  return (
    <section className="card notice" aria-busy="true">
      <p className="notice-title">Asking the coordinator for its rounds…</p>
      <div className="skeleton" aria-hidden="true" />
      <div className="skeleton skeleton-short" aria-hidden="true" />
    </section>
  );
}

/** Nothing to show yet, and what to do about it. */
export function EmptyNotice({ useCase }: { useCase: UseCase | undefined }) {
  if (!useCase) {
    return (
      <Notice title="No use case yet">
        <p>
          A use case is a training task: a model, and the rules its rounds keep. To watch one with simulated devices,
          run
        </p>
        <pre>
          <code>npx starling demo</code>
        </pre>
        <p className="muted">This page follows by itself.</p>
      </Notice>
    );
  }
  if (useCase.state === 'draft') {
    return (
      <Notice title={`${useCase.title} is a draft`}>
        <p>Its keys are being made and its manifest signed. It can have rounds as soon as it is live.</p>
      </Notice>
    );
  }
  return (
    <Notice title="No round yet">
      <p>{useCase.title} is live and its devices may enrol. Its first round appears here as soon as it is scheduled.</p>
    </Notice>
  );
}

/** A page or a part of one that is not there yet. */
export function Loading({ what }: { what: string }) {
  return (
    <section className="card notice" aria-busy="true">
      <p className="notice-title">{what}</p>
      <div className="skeleton" aria-hidden="true" />
      <div className="skeleton skeleton-short" aria-hidden="true" />
    </section>
  );
}

/** Something could not be had: what, why, and a way to ask again. */
export function Trouble({ title, problem, retry }: { title: string } & ProblemProps) {
  return (
    <section className="card notice" role="alert">
      <h2 className="notice-title">{title}</h2>
      <p>{problem}</p>
      <button type="button" className="button" onClick={retry}>
        Ask again
      </button>
    </section>
  );
}

/** What only somebody with an account may see, or their key does not cover. */
export function SignInNotice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Notice title={title}>
      <p>{children}</p>
      <p className="muted">
        Sign in at the top of this page. Who has no account asks an owner of this deployment for an invitation, which
        any role will do for.
      </p>
    </Notice>
  );
}

export function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="card notice">
      <h2 className="notice-title">{title}</h2>
      {children}
    </section>
  );
}

interface ProblemProps {
  readonly problem: string;
  readonly retry: () => void;
}

/** Nothing could be fetched so far. */
export function ProblemNotice({ problem, retry }: ProblemProps) {
  return (
    <section className="card notice" role="alert">
      <h2 className="notice-title">Rounds cannot be shown</h2>
      <p>{problem} Rounds run on without this page; it asks again every five seconds.</p>
      <button type="button" className="button" onClick={retry}>
        Ask now
      </button>
    </section>
  );
}

/** Something was fetched before, and is still shown. */
export function ProblemBanner({ problem, retry }: ProblemProps) {
  return (
    <div className="banner" role="alert">
      <p>{problem} The figures below may be old; this page asks again every five seconds.</p>
      <button type="button" className="button" onClick={retry}>
        Ask now
      </button>
    </div>
  );
}
