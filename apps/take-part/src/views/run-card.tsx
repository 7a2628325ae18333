import type { PageState } from '../device/page-state.js';
import type { TakePart } from '../device/take-part.js';
import type { TrainingProgress } from '../training/messages.js';
import { LossCurve } from './loss-curve.js';
import { figure, timeOf } from './numbers.js';

interface RunCardProps {
  readonly takePart: TakePart;
  readonly state: PageState;
  readonly canTrain: boolean;
}

/** Whether it runs, and what it is doing. */
export function RunCard({ takePart, state, canTrain }: RunCardProps) {
  const { isRunning, examples, rounds, note, training } = state;
  return (
    <section className="card" aria-labelledby="run-title">
      <h2 id="run-title">Taking part</h2>
      <div role="status">
        <p className="headline">{headlineOf(state, canTrain)}</p>
        {rounds !== undefined && (
          <p className="muted">
            {rounds.text}
            {rounds.until !== null && ` Until ${timeOf(rounds.until)}.`}
          </p>
        )}
        {isRunning && note !== undefined && <p className="muted">{note}</p>}
      </div>
      {training !== undefined && <Progress {...training} />}
      {isRunning && (
        <p className="muted small">
          Keep this page open and in front: behind others, browsers slow it down or stop it. {screenOf(state)}
        </p>
      )}
      {isRunning ? (
        <button className="button" type="button" onClick={takePart.pause}>
          Pause
        </button>
      ) : (
        <button
          className="button button-main"
          type="button"
          disabled={examples === undefined || !canTrain}
          onClick={takePart.start}
        >
          Start
        </button>
      )}
    </section>
  );
}

function Progress({ passes, of, losses, backend }: TrainingProgress) {
  return (
    <>
      <progress value={passes} max={of} aria-label="Training" />
      <p className="muted small">
        Pass {Math.min(of, Math.floor(passes) + 1)} of {of}, loss {figure(losses.at(-1) ?? 0)}, computed by {backend}
      </p>
      <LossCurve losses={losses} passes={of} />
    </>
  );
}

function screenOf({ isAwake }: PageState): string {
  if (isAwake === undefined) return '';
  return isAwake
    ? 'The screen stays on meanwhile.'
    : 'This browser does not keep the screen on: set the device so that it does not sleep.';
}

function headlineOf({ isRunning, training, isSending, examples, problem }: PageState, canTrain: boolean): string {
  if (!canTrain) return 'This task does not say how its model computes, so a page cannot train it. It needs an app.';
  if (training !== undefined) return 'Training on your examples …';
  if (isSending && problem !== undefined) return 'The update is kept, and sent again until there is an answer …';
  if (isSending) return 'The update waits a random while, then leaves …';
  if (isRunning) return 'Waiting for a round that it can take part in …';
  return examples === undefined ? 'Add some examples first.' : 'Ready when you are.';
}
