import { Button } from 'react-aria-components';

import { StatePill } from '../controls/state-pill.js';
import { count } from '../figures.js';
import { usePage, useRoundsOfPage } from '../rounds/rounds-provider.js';
import type { UseCase } from '../rounds/rounds-state.js';

/** All tasks, each with the round that moves; a single one needs no card. */
export function TaskCards() {
  const { select } = useRoundsOfPage();
  const useCases = usePage((page) => page.useCases);
  const selected = usePage((page) => page.selected);
  if (useCases.length < 2) return null;
  return (
    <section aria-labelledby="tasks">
      <h2 id="tasks" className="visually-hidden">
        Use cases
      </h2>
      <ul className="task-cards">
        {useCases.map((useCase) => (
          <li key={useCase.id}>
            <Button className="task-card" aria-pressed={useCase.id === selected} onPress={() => select(useCase.id)}>
              <TaskCard useCase={useCase} />
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function TaskCard({ useCase: { id, title, state, paused } }: { useCase: UseCase }) {
  const latest = usePage((page) => page.latest.get(id));
  return (
    <>
      <span className="task-card-title">{title}</span>
      <span className="task-card-round">
        {state === 'draft' ? (
          <span className="pill">Draft</span>
        ) : paused ? (
          <span className="pill" data-state="paused">
            Paused
          </span>
        ) : (
          latest && <StatePill state={latest.state} />
        )}
        <span className="muted">
          {latest
            ? `Round ${count(latest.sequence)}: ${count(latest.accepted)} of ${count(latest.target)}`
            : 'No round yet'}
        </span>
      </span>
      <span className="task-card-track" aria-hidden="true">
        <span
          className="task-card-bar"
          data-state={latest?.state}
          style={{ inlineSize: `${latest ? Math.min(1, latest.accepted / latest.target) * 100 : 0}%` }}
        />
      </span>
    </>
  );
}
