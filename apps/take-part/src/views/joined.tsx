import type { PageState } from '../device/page-state.js';
import type { TakePart } from '../device/take-part.js';
import type { Terms } from '../device/terms.js';
import { ExamplesCard } from './examples-card.js';
import { HistoryCard } from './history-card.js';
import { Leave } from './leave.js';
import { RunCard } from './run-card.js';
import { UpdateCard } from './update-card.js';

interface JoinedProps {
  readonly takePart: TakePart;
  readonly state: PageState;
  readonly terms: Terms;
}

export function Joined({ takePart, state, terms }: JoinedProps) {
  const { problem, surroundings, isRunning, update } = state;
  const isOffline = surroundings?.isOffline === true;
  return (
    <>
      <div className="page-title">
        <p className="muted">You take part in</p>
        <h1>{terms.title}</h1>
      </div>
      {problem !== undefined && !(isOffline && problem.passes === 'by itself') && (
        <p className="banner banner-bad" role="alert">
          <b>{problem.title}.</b> {problem.text}
        </p>
      )}
      {isOffline && (
        <p className="banner" role="status">
          <b>You are offline.</b>{' '}
          {isRunning ? 'It goes on by itself when the connection is back.' : 'What you have here is kept.'}
        </p>
      )}
      {isRunning && (surroundings?.battery ?? 1) < 0.2 && (
        <p className="banner" role="status">
          <b>Your battery is low.</b> Pause, or plug the device in.
        </p>
      )}
      <ExamplesCard takePart={takePart} examples={state.examples} model={terms.model} />
      <div className="column">
        <RunCard takePart={takePart} state={state} canTrain={terms.model.topology !== undefined} />
        {update !== undefined && (
          <UpdateCard update={update} isSending={state.isSending} jitterMs={terms.manifest.jitterMs} />
        )}
        <HistoryCard history={state.history} />
        <Leave onLeave={takePart.leave} />
      </div>
    </>
  );
}
